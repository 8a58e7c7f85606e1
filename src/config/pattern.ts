/** In front of a pattern it is JavaScript's flag `v`, with `\p{…}` and sets in classes. Elsewhere it is no pattern. */
export const unicodeMark = '(?v)'

/**
 * Compiles a pattern of the settings: one of JavaScript, where `^` and `$` also stand at the newlines within a joined
 * record.
 *
 * @throws SyntaxError when it is none
 */
export function compilePattern (text: string): RegExp {
  const isUnicode = text.startsWith(unicodeMark)
  return new RegExp(isUnicode ? text.slice(unicodeMark.length) : text, isUnicode ? 'mv' : 'm')
}

/** Whether the text is a pattern as the settings have them, of something at all. */
export function isPattern (text: string): boolean {
  try {
    // V8 compiles a pattern when it is first used, and may then find it too large.
    compilePattern(text).test('')
    return text !== '' && text !== unicodeMark
  } catch {
    // What is wrong with it is for the caller to say.
    return false
  }
}
