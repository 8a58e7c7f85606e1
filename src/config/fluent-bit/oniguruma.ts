import { createRequire } from 'node:module'
import type * as Oniguruma from 'oniguruma-to-es'

/**
 * The library that knows the patterns of Fluent Bit. It is loaded when one is read, since it takes memory and most
 * configurations have none. `scripts/bundle.ts` puts another text in place of this file.
 */
export function oniguruma (): typeof Oniguruma {
  return createRequire(import.meta.url)('oniguruma-to-es') as typeof Oniguruma
}
