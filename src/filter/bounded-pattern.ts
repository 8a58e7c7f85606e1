import { setFlagsFromString } from 'node:v8'
import { compilePattern } from '../config/pattern.ts'

/**
 * Up to this many characters V8's usual engine runs every pattern. It is the fast one, but on a long line even `a.*b`
 * may take time that grows with the square of the length: seconds for 64 KiB.
 */
const shortLength = 1024

/** How much a pattern sees of a record that V8's linear engine cannot run, characters. */
const slowMaxLength = 4096
/** How much any pattern sees of a record, bytes. */
export const maxSeenBytes = 65_536

/** A pattern of the settings that takes a few milliseconds for a record, whatever the record holds. */
export interface BoundedPattern {
  /** Whether it matches `text`, of which it sees `maxLength` characters. */
  test (text: string): boolean
  readonly maxLength: number
}

/**
 * Compiles a pattern for each of V8's engines. The linear one takes 0.1 µs a character, but has no look-ahead, no back
 * references, and no flags `i` and `v`. A pattern that has those may still take for ever when it repeats what repeats,
 * as `(?i:(a+)+b)` does: nothing ends it.
 *
 * Source: https://v8.dev/blog/non-backtracking-regexp
 */
export function createBoundedPattern (text: string): BoundedPattern {
  const usual = compilePattern(text)
  const linear = linearTwin(usual)
  return {
    maxLength: linear === undefined ? slowMaxLength : maxSeenBytes,
    test (text) {
      if (text.length <= shortLength) return usual.test(text)
      return linear === undefined ? usual.test(text.slice(0, slowMaxLength)) : linear.test(text)
    },
  }
}

/** The same pattern for the linear engine; undefined where that cannot run it, or is not there. */
function linearTwin ({ source, flags }: RegExp): RegExp | undefined {
  // It must stay on: V8 ends the process when such a pattern is run without.
  setFlagsFromString('--enable-experimental-regexp-engine')
  try {
    return new RegExp(source, `${flags}l`)
  } catch {
    return undefined
  }
}
