import { isUtf8 } from 'node:buffer'
import { isEqual } from './msgpack.ts'

interface Interned { readonly bytes: Buffer, readonly text: string }

const firelensMark = Buffer.from('-firelens-')
/** Longest name kept, bytes: a container's is far shorter, and names become parts of file names. */
const maxNameBytes = 128

/** Turns bytes that come again and again into the same string, without making it again. Compared by bytes; bounded. */
export class Interner {
  readonly #derive: (bytes: Buffer) => string
  readonly #capacity: number
  readonly #entries: Interned[] = []
  /** The entry found last: senders repeat themselves. */
  #last: Interned | undefined
  #oldest = 0

  constructor (derive: (bytes: Buffer) => string, capacity = 64) {
    this.#derive = derive
    this.#capacity = capacity
  }

  get (bytes: Buffer, start: number, end: number): string {
    const last = this.#last
    if (last !== undefined && isEqual(bytes, start, end, last.bytes)) return last.text
    // Names as long as this are not worth the memory.
    if (end - start > 4 * maxNameBytes) return this.#derive(bytes.subarray(start, end))
    const entry = this.#find(bytes, start, end) ?? this.#add(Buffer.from(bytes.subarray(start, end)))
    this.#last = entry
    return entry.text
  }

  #find (bytes: Buffer, start: number, end: number): Interned | undefined {
    for (const entry of this.#entries) {
      if (isEqual(bytes, start, end, entry.bytes)) return entry
    }
    return undefined
  }

  #add (bytes: Buffer): Interned {
    const entry = { bytes, text: this.#derive(bytes) }
    this.#entries[this.#oldest] = entry
    this.#oldest = (this.#oldest + 1) % this.#capacity
    return entry
  }
}

/**
 * The container that a FireLens tag names: `<container>-firelens-<task id>`, split at the last mark, because a
 * container may be called so; empty if the tag is not of this form.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html
 */
export function containerOfTag (tag: Buffer): string {
  const mark = tag.lastIndexOf(firelensMark)
  return mark > 0 ? nameOf(tag.subarray(0, mark)) : ''
}

/** Docker's name for a container, without the slash that it begins with. */
export function containerOfName (name: Buffer): string {
  return nameOf(name[0] === 0x2f ? name.subarray(1) : name)
}

/** The bytes as text, cut to a bounded length; Latin-1 where they are not UTF-8. */
export function nameOf (bytes: Buffer): string {
  if (!isUtf8(bytes)) return bytes.toString('latin1', 0, maxNameBytes)
  let end = Math.min(bytes.length, maxNameBytes)
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
