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
