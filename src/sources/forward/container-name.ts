import { isUtf8 } from 'node:buffer'

const firelensMark = Buffer.from('-firelens-')
/** Longest name kept, bytes: a container's is far shorter, and names become parts of file names. */
const maxNameBytes = 128
/** Longest bytes that names are kept of; longer ones are not worth the memory. */
const maxKeptBytes = 4 * maxNameBytes
const noBytes = Buffer.alloc(0)

/**
 * Strings made of bytes that come again and again. Of fixed size, and one for all connections, each of which may name
 * what it likes.
 */
export class NameCache {
  readonly #derive: (bytes: Buffer) => string
  readonly #slots: ReadonlyArray<{ readonly bytes: Buffer, length: number, text: string }>
  #oldest = 0

  constructor (derive: (bytes: Buffer) => string, slotCount = 64) {
    this.#derive = derive
    const memory = Buffer.allocUnsafeSlow(slotCount * maxKeptBytes)
    this.#slots = Array.from({ length: slotCount }, (_, index) =>
      ({ bytes: memory.subarray(index * maxKeptBytes, (index + 1) * maxKeptBytes), length: -1, text: '' }))
  }

  get (bytes: Buffer, start: number, end: number): string {
    const length = end - start
    for (const slot of this.#slots) {
      if (slot.length === length && startsWith(bytes, start, slot.bytes, length)) return slot.text
    }
    const text = this.#derive(bytes.subarray(start, end))
    const slot = this.#slots[this.#oldest]
    if (length > maxKeptBytes || slot === undefined) return text
    bytes.copy(slot.bytes, 0, start, end)
    slot.length = length
    slot.text = text
    this.#oldest = (this.#oldest + 1) % this.#slots.length
    return text
  }
}

function startsWith (bytes: Buffer, start: number, expected: Buffer, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (bytes[start + index] !== expected[index]) return false
  }
  return true
}

/** The names that all connections of the process share. */
export interface Names {
  readonly tags: NameCache
  readonly containersOfTags: NameCache
  readonly containersOfNames: NameCache
}

export function createNames (): Names {
  return {
    tags: new NameCache(nameOf),
    containersOfTags: new NameCache(containerOfTag),
    containersOfNames: new NameCache(containerOfName),
  }
}

/** Turns bytes into the same string without looking for it, as long as they are those of the time before. */
export class Interner {
  readonly #cache: NameCache
  #bytes: Buffer = noBytes
  #length = -1
  #text = ''

  constructor (cache: NameCache) {
    this.#cache = cache
  }

  get (bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === this.#length && startsWith(bytes, start, this.#bytes, length)) return this.#text
    const text = this.#cache.get(bytes, start, end)
    if (length > maxKeptBytes) return text
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(length)
    bytes.copy(this.#bytes, 0, start, end)
    this.#length = length
    this.#text = text
    return text
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
