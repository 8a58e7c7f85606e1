import { Transform, type TransformCallback } from 'node:stream'
import type { Counter } from '../telemetry/ledger.ts'

const newline = '\n'

/**
 * Ends lines that are longer than `maxLineBytes`, so that whoever gathers lines behind it needs no more memory than
 * that. Takes and gives Latin-1 strings, in which a character is a byte; counts the lines it cut.
 */
export class LineCutter extends Transform {
  readonly #maxLineBytes: number
  readonly #cutLines: Counter
  /** Of the line that has not ended: its length so far, and whether it was cut before. */
  #lineBytes = 0
  #isCut = false

  constructor (maxLineBytes: number, cutLines: Counter) {
    // Both encodings: Node would take what is pushed for UTF-8 otherwise.
    super({ decodeStrings: false, encoding: 'latin1', defaultEncoding: 'latin1' })
    this.#maxLineBytes = maxLineBytes
    this.#cutLines = cutLines
  }

  override _transform (chunk: string, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#lineBytes + chunk.length <= this.#maxLineBytes) {
      this.#lineEnds(chunk)
      done(null, chunk)
    } else {
      done(null, this.#cut(chunk))
    }
  }

  /** No line within the chunk can be too long. */
  #lineEnds (chunk: string): void {
    const last = chunk.lastIndexOf(newline)
    if (last < 0) this.#lineBytes += chunk.length
    else this.#beginLine(chunk.length - last - 1)
  }

  #cut (chunk: string): string {
    const parts: string[] = []
    let at = 0
    while (at < chunk.length) {
      const newlineAt = chunk.indexOf(newline, at)
      const end = newlineAt < 0 ? chunk.length : newlineAt
      const roomBytes = this.#maxLineBytes - this.#lineBytes
      if (end - at > roomBytes) {
        parts.push(chunk.slice(at, at + roomBytes), newline)
        at += roomBytes
        if (!this.#isCut) this.#cutLines.value++
        this.#beginLine(0)
        this.#isCut = true
      } else if (newlineAt < 0) {
        parts.push(chunk.slice(at))
        this.#lineBytes += chunk.length - at
        at = chunk.length
      } else {
        parts.push(chunk.slice(at, newlineAt + 1))
        at = newlineAt + 1
        this.#beginLine(0)
      }
    }
    return parts.join('')
  }

  #beginLine (bytes: number): void {
    this.#lineBytes = bytes
    this.#isCut = false
  }
}
