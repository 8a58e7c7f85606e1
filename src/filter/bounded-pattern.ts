import { compilePattern, tryLinearPattern } from '../config/pattern.ts'

/**
 * V8's usual engine runs patterns that repeat something on texts of up to this many characters. It is faster, but its
 * time may grow with the square of the length, even for `a.*b`: 64 KiB can take seconds.
 */
const shortLength = 1024

/** A pattern that repeats something and that V8's linear engine cannot run sees this many characters of a record. */
const slowMaxLength = 4096
/** Any other pattern sees this many bytes of a record, or of a value of it. */
export const maxSeenBytes = 65_536

/** A pattern of the settings whose time for one record is bounded. */
export interface BoundedPattern {
  /** Whether the pattern matches the first `maxLength` characters of `text`. */
  test (text: string): boolean
  readonly maxLength: number
}

/**
 * Compiles a pattern, for both of V8's engines if it repeats something. The linear one takes 0.1 µs a character, but
 * has no look-ahead, no back references, and no flags `i` and `v`. A pattern with those can still take for ever if it
 * has a repetition inside a repetition, as in `(?i:(a+)+b)`.
 *
 * Source: https://v8.dev/blog/non-backtracking-regexp
 */
export function createBoundedPattern (text: string): BoundedPattern {
  const usual = compilePattern(text)
  // Without these characters nothing is repeated, and the usual engine looks at each place once.
  if (!/[*+{]/.test(text)) return { maxLength: maxSeenBytes, test: seen => usual.test(seen) }
  const linear = tryLinearPattern(text)
  return {
    maxLength: linear === undefined ? slowMaxLength : maxSeenBytes,
    test (seen) {
      if (seen.length <= shortLength) return usual.test(seen)
      return linear === undefined ? usual.test(seen.slice(0, slowMaxLength)) : linear.test(seen)
    },
  }
}
