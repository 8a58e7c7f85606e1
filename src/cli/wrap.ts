/** Text in lines of a width, broken at spaces. A word that is wider has a line of its own. */
export function wrap (text: string, columns: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** Of a terminal: what is narrower can show nothing. */
const fewestColumns = 40

/** Of a terminal that nobody made wider, and of text for whoever reads it. */
export const usualColumns = 80

export interface Screen { readonly isTTY?: boolean, readonly columns?: number | undefined }

/** A terminal that does not know its width says 0. */
export function columnsOf ({ columns = 0 }: Screen): number {
  return columns > 0 ? columns : usualColumns
}

/** Where lines are to be broken; what goes to a file or a program stays one line each. */
export function widthOf (screen: Screen): number {
  return screen.isTTY === true ? Math.max(columnsOf(screen), fewestColumns) : Infinity
}

/** Lines of text, each broken to suit where they are shown; what goes on from one is two columns deeper. */
export function fitted (text: string, screen: Screen): string {
  const columns = widthOf(screen)
  return text.split('\n').flatMap(line => {
    const indent = /^ */.exec(line)?.[0] ?? ''
    const [first = '', ...more] = wrap(line.slice(indent.length), columns - indent.length - 2)
    return [`${indent}${first}`, ...more.map(each => `${indent}  ${each}`)]
  }).join('\n')
}

export interface Writer extends Screen {
  write (text: string): unknown
}

/** Writes what a person reads: lines that fit where they are shown. */
export function writeFitted (to: Writer, text: string): void {
  to.write(`${fitted(text, to)}\n`)
}

/** Says why a command ends so. @returns its exit code */
export function ended (to: Writer, code: number, text: string): number {
  writeFitted(to, text)
  return code
}

// Tested in test/cli/wrap.test.ts
