import { firstElementAt, isEqual, mapCountAt, skipItem, textAt, type Span } from './msgpack.ts'
import { hex, refuse } from './refusal.ts'
import { scalarToJson } from './scalar-json.ts'

const key = {
  chunk: Buffer.from('chunk'),
  fluentSignal: Buffer.from('fluent_signal'),
  size: Buffer.from('size'),
}
const nil = 0xc0
/** Most pairs of an option: real ones have five. */
const maxPairs = 1000
/** Longest id of a chunk, bytes: real ones have 24 to 40, and acks that wait take memory. */
const maxChunkIdBytes = 1024

/**
 * What a sender says of a frame behind its entries.
 *
 * Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#option
 */
export class FrameOption {
  /** The chunk's id as the sender wrote it is `[chunkStart, chunkEnd)` of the frame; empty when no ack is asked for. */
  chunkStart = 0
  chunkEnd = 0
  /** The frame carries metrics or traces: it has no records. */
  isForeign = false
  /** Entries of the frame; 0 when it does not say. */
  size = 0
  readonly #text: Span = { start: 0, end: 0 }

  reset (): void {
    this.chunkStart = this.chunkEnd = this.size = 0
    this.isForeign = false
  }

  /**
   * Reads the option at `at`.
   *
   * @throws SluiceError `ERR_FRAME`
   */
  read (bytes: Buffer, optionAt: number): void {
    const count = mapCountAt(bytes, optionAt)
    if (count < 0) {
      // Docker 18 sends nil.
      if (bytes[optionAt] === nil) return
      refuse('option', `expected options as map, found ${hex(bytes[optionAt])}`)
    }
    if (count > maxPairs) refuse('option', `expected ${maxPairs} options at most, found ${count}`)
    const text = this.#text
    let at = count === 0 ? optionAt : firstElementAt(bytes, optionAt)
    for (let index = 0; index < count; index++) {
      const isText = textAt(bytes, at, text)
      const valueAt = isText ? text.end : skipItem(bytes, at)
      at = skipItem(bytes, valueAt)
      if (!isText) continue
      if (isEqual(bytes, text.start, text.end, key.chunk)) {
        this.#setChunk(valueAt, bytes[valueAt] === nil ? valueAt : at)
      } else if (isEqual(bytes, text.start, text.end, key.fluentSignal)) {
        // 0 is logs, 1 metrics, 2 traces.
        this.isForeign = integerAt(bytes, valueAt) > 0
      } else if (isEqual(bytes, text.start, text.end, key.size)) {
        this.size = integerAt(bytes, valueAt)
      }
    }
  }

  #setChunk (start: number, end: number): void {
    if (end - start > maxChunkIdBytes) {
      refuse('option', `expected the id of a chunk of ${maxChunkIdBytes} bytes at most, found ${end - start}`)
    }
    this.chunkStart = start
    this.chunkEnd = end
  }
}

/** The integer at `at`, of any width; 0 if something else is there. */
function integerAt (bytes: Buffer, at: number): number {
  const type = bytes[at] as number
  return type < 0x80 || (type >= 0xcc && type <= 0xd3) ? Number(scalarToJson(bytes, at)) : 0
}

// Tested in test/sources/forward/frame-reader.test.ts
