import { headerBytesOf, itemKind, kindOf, lengthAt, uint16, type ItemKind } from './msgpack.ts'
import type { ForwardLimits } from './limits.ts'
import { hex, refuse } from './refusal.ts'

/** Most items of a frame, in all its arrays and maps, unless one alone may have more. No records need as many. */
const maxFrameItems = 4 * 1024 * 1024

/** The frame goes on beyond the bytes at hand. */
export const incomplete = -1

/**
 * Finds where a msgpack array ends, over bytes that may be split anywhere.
 *
 * It walks item headers and remembers how far it got, so no header is walked twice however many pieces a frame comes
 * in. What it has passed is well formed and within the limits: whoever reads it afterwards need not check again.
 */
export class FrameScanner {
  readonly #limits: ForwardLimits
  /** Items still to come in each array or map around the current one, outermost (the frame itself) first. */
  readonly #outer: Int32Array
  #depth = 0
  /** Items still to come at the current depth. */
  #left = 1
  /** Items that its arrays and maps have claimed so far. */
  #claimedCount = 0
  /** How far the walk got, from the frame's first byte; beyond the bytes at hand when a payload is not all there. */
  #walkedBytes = 0

  constructor (limits: ForwardLimits) {
    this.#limits = limits
    this.#outer = new Int32Array(limits.maxNesting + 1)
  }

  /** The frame has at least so many bytes, as far as is known. */
  get walkedBytes (): number {
    return this.#walkedBytes
  }

  /** Forgets a frame half walked. */
  reset (): void {
    this.#depth = 0
    this.#left = 1
    this.#claimedCount = 0
    this.#walkedBytes = 0
  }

  /**
   * Walks on in a frame whose first byte is `bytes[start]` and of which everything before `end` is there. The next call
   * may bring the same frame in other memory, as long as it brings it from its first byte.
   *
   * @returns the frame's end (the next call then begins another), or `incomplete`
   * @throws SluiceError `ERR_FRAME`
   */
  scan (bytes: Buffer, start: number, end: number): number {
    if (this.#walkedBytes === 0 && start < end) requireArray(bytes[start] as number)
    const { maxFrameBytes } = this.#limits
    const limit = Math.min(end, start + maxFrameBytes)
    let position = start + this.#walkedBytes
    let left = this.#left
    let depth = this.#depth
    while (position < limit) {
      while (left === 0 && depth > 0) left = this.#outer[--depth] as number
      if (left === 0) break
      const type = bytes[position] as number
      if (type < 0x80 || type >= 0xe0) {
        position++
        left--
      } else if (type >= 0xa0 && type < 0xc0) {
        position += 1 + (type & 0x1f)
        left--
      } else if (type === 0xd9 || type === 0xda) {
        // The strs of every access line, ahead of the general case below, which would do the same.
        const headerEnd = position + type - 0xd7
        if (headerEnd > limit) break
        position = headerEnd + (type === 0xd9 ? bytes[position + 1] as number : uint16(bytes, position + 1))
        left--
      } else {
        let length = type & 0x0f
        let kind: ItemKind = type < 0x90 ? itemKind.map : itemKind.array
        if (type < 0xa0) {
          position++
        } else {
          if (type === 0xc1) refuse('reserved', `expected a msgpack item, found ${hex(type)}`)
          const headerBytes = headerBytesOf(type)
          // A header at the very end is read when it is there in full.
          if (position + headerBytes > limit) break
          kind = kindOf(type)
          length = lengthAt(bytes, position, type)
          position += headerBytes
        }
        left--
        if (kind === itemKind.payload) {
          position += length
        } else if (length > 0) {
          this.#claim(kind * length, length)
          if (depth >= this.#limits.maxNesting) refuseNesting(this.#limits.maxNesting)
          this.#outer[depth++] = left
          left = kind * length
        }
      }
    }
    while (left === 0 && depth > 0) left = this.#outer[--depth] as number
    if (left === 0 && position <= limit) {
      this.reset()
      return position
    }
    // Each item to come takes a byte at least.
    if (position - start + left > maxFrameBytes || end - start >= maxFrameBytes) refuseFrame(maxFrameBytes)
    this.#left = left
    this.#depth = depth
    this.#walkedBytes = position - start
    return incomplete
  }

  /** Walking an array or map, as is done more than once, takes time for each item, however small. */
  #claim (itemCount: number, length: number): void {
    const { maxItems } = this.#limits
    if (length > maxItems) refuse('items', `expected ${maxItems} items at most in an array or map, found ${length}`)
    this.#claimedCount += itemCount
    const most = Math.max(maxFrameItems, maxItems)
    if (this.#claimedCount > most) refuse('items', `expected ${most} items at most in a frame, found ${this.#claimedCount}`)
  }
}

function requireArray (type: number): void {
  if ((type >= 0x90 && type < 0xa0) || type === 0xdc || type === 0xdd) return
  if (type === 0x7b || type === 0x5b) {
    refuse('json', `expected a msgpack array, found ${hex(type)}: JSON on a Forward connection is not supported`)
  }
  if (type === 0x16) refuse('tls', `expected a msgpack array, found ${hex(type)}: TLS needs tcpTls.cert`)
  const letter = String.fromCharCode(type)
  const text = /[A-Za-z]/.test(letter) ? `, the letter ${letter}: HTTP and plain text are not the Forward protocol` : ''
  refuse('not_array', `expected a msgpack array, found ${hex(type)}${text}`)
}

function refuseFrame (maxFrameBytes: number): never {
  refuse('frame_bytes', `expected a frame of ${maxFrameBytes} bytes at most, found a longer one`)
}

function refuseNesting (maxNesting: number): never {
  refuse('nesting', `expected ${maxNesting} arrays and maps within one another at most, found more`)
}
