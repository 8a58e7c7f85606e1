import { Scratch } from './scratch.ts'

/** Shorter stretches are copied byte by byte: a native call costs more. */
const nativeCopyBytes = 64

/**
 * Writes a line anew with some stretches replaced. The stretches come in order; whatever lies between two of them is
 * copied in one go, so what needs no change costs next to nothing.
 */
export class LineRewriter {
  readonly scratch = new Scratch()
  /** For whoever replaces a stretch to work in; holds nothing between two replacements. */
  readonly run = new Scratch(256)
  /** Bits of `repairKinds`, of all replacements so far. */
  kinds = 0
  /** How many replacements there were so far. */
  count = 0
  #bytes: Buffer = Buffer.alloc(0)
  #keptFrom = 0

  begin (bytes: Buffer, start: number): void {
    this.scratch.reset()
    this.kinds = 0
    this.count = 0
    this.resume(bytes, start)
  }

  /** Goes on with other bytes, after `finish`: the result grows by them. */
  resume (bytes: Buffer, start: number): void {
    this.#bytes = bytes
    this.#keptFrom = start
  }

  /** Leaves out `[from, to)`: what the caller appends to the result, until the next call, stands in its place. */
  replace (from: number, to: number, kind: number): Scratch {
    this.kinds |= kind
    this.count++
    appendRange(this.scratch, this.#bytes, this.#keptFrom, from)
    this.#keptFrom = to
    return this.scratch
  }

  /** Copies what is left, up to `end`; the result is then in `scratch`. */
  finish (end: number): void {
    appendRange(this.scratch, this.#bytes, this.#keptFrom, end)
    this.#keptFrom = end
  }
}

/** Appends `bytes[from, to)`. */
export function appendRange (target: Scratch, bytes: Buffer, from: number, to: number): void {
  const length = to - from
  target.reserve(length)
  const { buffer, end } = target
  if (length > nativeCopyBytes) bytes.copy(buffer, end, from, to)
  else for (let index = 0; index < length; index++) buffer[end + index] = bytes[from + index] as number
  target.end = end + length
}
