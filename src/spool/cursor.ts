/** How far delivery got in a segment: always at the end of a line. */
export interface Cursor {
  readonly bytes: number
  readonly records: number
}

/** Content of a cursor file: `182400 400` and a newline. */
export function formatCursor ({ bytes, records }: Cursor): string {
  return `${bytes} ${records}\n`
}

/** undefined when `text` is no cursor of a segment that holds so much. That it ends a line is for others to check. */
export function parseCursor (text: string, whole: Cursor): Cursor | undefined {
  const match = /^(\d{1,15}) (\d{1,15})\n$/.exec(text)
  if (match === null) return undefined
  const cursor = { bytes: Number(match[1]), records: Number(match[2]) }
  if (cursor.bytes > whole.bytes || cursor.records > whole.records || cursor.bytes < cursor.records) return undefined
  if ((cursor.bytes === 0) !== (cursor.records === 0)) return undefined
  return (cursor.bytes === whole.bytes) === (cursor.records === whole.records) ? cursor : undefined
}
