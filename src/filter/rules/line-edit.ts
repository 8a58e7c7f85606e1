import { ascii } from '../../bytes/ascii.ts'
import { endOfValue, skipSpace, stringEnd } from '../../bytes/json-members.ts'
import { appendRange } from '../../bytes/line-rewriter.ts'
import { Scratch } from '../../bytes/scratch.ts'
import { createRecord, type LogRecord } from '../../contracts/record.ts'

const { quote, comma } = ascii

export interface LineChanges {
  readonly add?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly remove?: readonly string[] | undefined
  readonly rename?: Readonly<Record<string, string>> | undefined
  readonly mask?: readonly string[] | undefined
}

const maskText = Buffer.from('"***"')
const colonText = Buffer.from(':')
const commaText = Buffer.from(',')
const openText = Buffer.from('{')
const closeText = Buffer.from('}')

/**
 * Changes the keys of lines of JSON. Removing comes first, then masking, renaming, adding. What is added stands in the
 * place of what the line has under that key; a key is not renamed to one that the line has.
 *
 * The line must be one object of strict JSON. The result is a view that is reused.
 */
export function createLineEdit (
  { add = {}, remove = [], rename = {}, mask = [] }: LineChanges
): (line: LogRecord) => LogRecord {
  const removed = new Set([...remove, ...Object.keys(add)])
  const masked = new Set(mask)
  const renamed = new Map(Object.entries(rename))
  const added = Object.entries(add).map(([key, value]) => Buffer.from(`${JSON.stringify(key)}:${JSON.stringify(value)}`))
  const scratch = new Scratch()
  const view = createRecord()

  return line => {
    const { bytes, start, end } = line
    const members = membersOf(bytes, start, end)
    const has = new Set(members.map(({ key }) => key))
    scratch.reset()
    scratch.append(openText)
    let count = 0
    const separate = () => { if (count++ > 0) scratch.append(commaText) }
    for (const { key, keyStart, keyEnd, valueStart, valueEnd } of members) {
      if (removed.has(key)) continue
      separate()
      const to = renamed.get(key)
      if (to === undefined || has.has(to) || removed.has(to)) appendRange(scratch, bytes, keyStart, keyEnd)
      else scratch.append(Buffer.from(JSON.stringify(to)))
      scratch.append(colonText)
      if (masked.has(key)) scratch.append(maskText)
      else appendRange(scratch, bytes, valueStart, valueEnd)
    }
    for (const member of added) {
      separate()
      scratch.append(member)
    }
    scratch.append(closeText)
    Object.assign(view, line)
    view.bytes = scratch.buffer
    view.start = 0
    view.end = scratch.end
    return view
  }
}

/** A member of an object: the key with its quotes, and its value. */
interface Member {
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** The members of the object that the line is, which is known to be strict JSON. */
function membersOf (bytes: Buffer, start: number, end: number): Member[] {
  const members: Member[] = []
  let index = skipSpace(bytes, start, end) + 1
  while (index < end) {
    index = skipSpace(bytes, index, end)
    if (bytes[index] === comma) {
      index++
      continue
    }
    if (bytes[index] !== quote) break
    const keyStart = index
    const keyEnd = stringEnd(bytes, index, end)
    const valueStart = skipSpace(bytes, skipSpace(bytes, keyEnd, end) + 1, end)
    const valueEnd = endOfValue(bytes, valueStart, end)
    const text = bytes.toString('utf8', keyStart, keyEnd)
    // A key that is written with escapes is the same key.
    const key = text.includes('\\') ? JSON.parse(text) as string : text.slice(1, -1)
    members.push({ key, keyStart, keyEnd, valueStart, valueEnd })
    index = valueEnd
  }
  return members
}

// Tested in test/filter/rules/line-edit.test.ts
