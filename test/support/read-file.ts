/** Reads from `files` alone; of any other path it says what the system says of one that is not there. */
export function readerOf (files: Readonly<Record<string, string>>): (path: string) => string {
  return path => {
    const text = files[path]
    if (text !== undefined) return text
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' })
  }
}
