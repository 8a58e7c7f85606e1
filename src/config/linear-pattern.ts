import { setFlagsFromString } from 'node:v8'

/**
 * Compiles a pattern for V8's engine that never goes back, whose time for a text grows with its length alone. `^` and
 * `$` also match at the newlines within a joined record. It knows no look-ahead, no references back, and does not
 * ignore case.
 *
 * Source: https://v8.dev/blog/non-backtracking-regexp
 *
 * @returns undefined when the pattern is not valid, or that engine cannot run it
 */
export function compileLinear (text: string): RegExp | undefined {
  // It must stay on: V8 ends the process when such a pattern runs without it.
  setFlagsFromString('--enable-experimental-regexp-engine')
  try {
    const flags = 'ml'
    const pattern = new RegExp(text, flags)
    // V8 compiles a pattern when it is first used, and may then find it too large.
    pattern.test('')
    return pattern
  } catch {
    return undefined
  }
}

// Tested in test/config/rules/rules.test.ts
