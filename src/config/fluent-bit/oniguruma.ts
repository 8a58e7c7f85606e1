import { createRequire } from 'node:module'
import type * as Oniguruma from 'oniguruma-to-es'

/**
 * Loads the library that translates patterns of Fluent Bit. Most configurations have none, and it takes 2 MB of memory,
 * so it is loaded when the first one is read. In the bundle, `scripts/bundle.ts` replaces this file.
 */
export function oniguruma (): typeof Oniguruma {
  return createRequire(import.meta.url)('oniguruma-to-es') as typeof Oniguruma
}

// Tested in test/config/fluent-bit/pattern.test.ts
