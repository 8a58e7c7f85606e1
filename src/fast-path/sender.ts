import type { FrameSender } from '../contracts/source.ts'
import { longestName } from './layout.ts'

/** Names of a sender as its frames have them, kept to be compared. The object is used again for the next sender. */
export class Sender {
  readonly tag = Buffer.alloc(longestName)
  readonly name = Buffer.alloc(longestName)
  /** -1: there is no sender. */
  tagBytes = -1
  /** -1: its records have no `container_name`; -2: they may have any, since the tag names the container. */
  nameBytes = -1

  /** @returns false when a name is too long: there is no sender then */
  set (frame: FrameSender): boolean {
    const { bytes, tagStart, tagEnd, nameStart, nameEnd } = frame
    this.tagBytes = -1
    const nameBytes = nameBytesOf(frame)
    if (tagEnd - tagStart > longestName || nameBytes > longestName) return false
    bytes.copy(this.tag, 0, tagStart, tagEnd)
    if (nameBytes > 0) bytes.copy(this.name, 0, nameStart, nameEnd)
    this.nameBytes = nameBytes
    this.tagBytes = tagEnd - tagStart
    return true
  }

  hasTag (bytes: Buffer, start: number, end: number): boolean {
    return end - start === this.tagBytes && isSame(bytes, start, this.tag, this.tagBytes)
  }

  /** Whether the frame is of this sender. */
  isOf (frame: FrameSender): boolean {
    return this.hasTag(frame.bytes, frame.tagStart, frame.tagEnd) && nameBytesOf(frame) === this.nameBytes &&
      isSame(frame.bytes, frame.nameStart, this.name, this.nameBytes)
  }
}

function nameBytesOf ({ isNamedByTag, nameStart, nameEnd }: FrameSender): number {
  if (isNamedByTag) return -2
  return nameStart < 0 ? -1 : nameEnd - nameStart
}

function isSame (bytes: Buffer, start: number, expected: Buffer, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[start + at] !== expected[at]) return false
  return true
}

// Tested in test/pipeline/ordinary-frames.test.ts
