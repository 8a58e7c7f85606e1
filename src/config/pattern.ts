/** How patterns of the settings are compiled: `^` and `$` also stand at the newlines within a joined record. */
export const patternFlags = 'm'

/** Whether the text is a regular expression as the settings have them. */
export function isPattern (text: string): boolean {
  try {
    return text !== '' && new RegExp(text, patternFlags) instanceof RegExp
  } catch {
    // What is wrong with it is for the caller to say.
    return false
  }
}
