import { setFlagsFromString } from 'node:v8'

/** Gives a pattern that begins with it JavaScript's flag `v`, for `\p{…}` and sets in classes. */
export const unicodeMark = '(?v)'

/**
 * Compiles a regular expression of the settings. It is one of JavaScript, and `^` and `$` also match at the newlines
 * within a joined record.
 *
 * @throws SyntaxError when it is not valid
 */
export function compilePattern (text: string): RegExp {
  const isUnicode = text.startsWith(unicodeMark)
  return new RegExp(isUnicode ? text.slice(unicodeMark.length) : text, isUnicode ? 'mv' : 'm')
}

/** Whether the text is a valid pattern, and not empty. */
export function isPattern (text: string): boolean {
  try {
    // V8 compiles a pattern when it is first used, and may then find it too large.
    compilePattern(text).test('')
    return text !== '' && text !== unicodeMark
  } catch {
    // The caller says what is wrong.
    return false
  }
}

/**
 * Compiles a pattern for V8's linear engine, whose time for a text grows with its length alone. It has no look-ahead,
 * no back references, and no flags `i` and `v`.
 *
 * Source: https://v8.dev/blog/non-backtracking-regexp
 *
 * @throws SyntaxError when that engine cannot run it
 */
export function linearPattern (text: string, flags = ''): RegExp {
  // It must stay on: V8 ends the process when such a pattern runs without it.
  setFlagsFromString('--enable-experimental-regexp-engine')
  const { source, flags: own } = compilePattern(text)
  return new RegExp(source, `${own}${flags}l`)
}

/** The same; undefined when the pattern is not valid, or that engine cannot run it. */
export function tryLinearPattern (text: string): RegExp | undefined {
  try {
    const pattern = linearPattern(text)
    pattern.test('')
    return pattern
  } catch {
    // The caller says what is wrong.
    return undefined
  }
}
