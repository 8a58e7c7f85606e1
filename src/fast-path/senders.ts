import type { FrameSender } from '../contracts/source.ts'
import * as layout from './layout.ts'

/**
 * The senders that the fast path knows, as their frames name them: those of all connections, so that it makes no
 * difference whether containers have a connection each or share one. Where there are more than it has room for, the one
 * that came first makes way.
 */
export class Senders {
  readonly #memory: Buffer
  readonly #integers: Int32Array
  /** Has the fast path look at a sender that is another now. */
  readonly #note: (one: number) => void
  #count = 0

  constructor (memory: Buffer, note: (one: number) => void) {
    this.#memory = memory
    this.#integers = new Int32Array(memory.buffer)
    this.#note = note
    // Of the length of no tag.
    this.#integers.fill(-1, layout.senderTagBytesAt / 4, layout.senderTagBytesAt / 4 + layout.mostSenders)
  }

  /** Whether there is room for its names. */
  fits (frame: FrameSender): boolean {
    return frame.tagEnd - frame.tagStart + Math.max(nameBytesOf(frame), 0) <= layout.longestSender
  }

  /** Every sender that comes now puts another one out. */
  get isFull (): boolean { return this.#count >= layout.mostSenders }

  /**
   * From now on lines of this sender, which is not known yet and whose names fit, are taken with those that go to
   * `stretch`.
   *
   * @returns its number
   */
  add (frame: FrameSender, stretch: number): number {
    const { bytes, tagStart, tagEnd, nameStart, nameEnd } = frame
    const tagBytes = tagEnd - tagStart
    const nameBytes = nameBytesOf(frame)
    const one = this.#count++ % layout.mostSenders
    const at = layout.senderNamesAt + one * layout.longestSender
    bytes.copy(this.#memory, at, tagStart, tagEnd)
    if (nameBytes > 0) bytes.copy(this.#memory, at + tagBytes, nameStart, nameEnd)
    this.#integers[layout.senderTagBytesAt / 4 + one] = tagBytes
    this.#integers[layout.senderNameBytesAt / 4 + one] = nameBytes
    this.#integers[layout.stretchesAt / 4 + one] = stretch
    this.#integers[layout.senderCountAt / 4] = Math.min(this.#count, layout.mostSenders)
    this.#note(one)
    return one
  }
}

function nameBytesOf ({ isNamedByTag, nameStart, nameEnd }: FrameSender): number {
  if (isNamedByTag) return -2
  return nameStart < 0 ? -1 : nameEnd - nameStart
}

// Tested in test/pipeline/ordinary-frames.test.ts
