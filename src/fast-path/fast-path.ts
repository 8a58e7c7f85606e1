import type { KeyTable } from '../bytes/key-table.ts'
import type { HintWatch, LineLooks } from '../contracts/hints.ts'
import { RequestRows } from '../contracts/request-rows.ts'
import * as layout from './layout.ts'
import { Senders } from './senders.ts'
import { wasm } from './wasm.ts'

/** As much of it as is used here: its types are among those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number, maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

export interface FastPathOptions {
  /** The keys of access lines: both groups, and those whose values are asked for. */
  readonly keys: KeyTable
  /** By number of a key: the seconds that one of its unit is; 0 where it is no duration. */
  readonly secondsOfKey: Float64Array
  /** What redaction looks at, and its exact answers; undefined where nothing is redacted. */
  readonly redaction: { readonly watch: HintWatch, readonly looks: LineLooks } | undefined
  /** By byte: 1 where the agent of a health check begins with it that may be left out. */
  readonly agentStarts: Uint8Array
  readonly maxLineBytes: number
  /** Members of JSON that are added to each line; empty: none. */
  readonly enrichment: string
}

type Take = (from: number, end: number, isEntry: number, stretch: number, mostLines: number) => number

/**
 * Takes ordinary access lines of senders that it knows out of frames, many at once, in WebAssembly, where sixteen bytes
 * are looked at together: docs/decisions/fast-path.md. Ordinary is what the way through all stages would only count and
 * write as it came; everything else is left to that way, so nothing is decided here that is not decided there.
 *
 * Makes no object for a line, nor for a call.
 */
export class FastPath {
  /** The lines that were taken last, each with its newline: `output[outputStart, outputEnd)`. */
  readonly output: Buffer
  readonly outputStart = layout.outputAt
  /** The requests of these lines. */
  readonly requests: RequestRows
  /** Those whose lines are taken. */
  readonly senders: Senders

  readonly #memory: Buffer
  readonly #integers: Int32Array
  readonly #doubles: Float64Array
  readonly #take: Take
  /** Where the input lies in the memory that it was copied from. */
  #inputFrom = 0
  #inputEnd = 0

  /** @throws RangeError when there is no memory for it, or more keys than it has room for */
  constructor (options: FastPathOptions) {
    const { keys, redaction, maxLineBytes } = options
    const memory = new WebAssembly.Memory({ initial: layout.pageCount, maximum: layout.pageCount })
    const bytes = Buffer.from(memory.buffer)
    this.#memory = this.output = bytes
    this.requests = new RequestRows(memory.buffer, layout.requestsAt, layout.mostLines)
    this.#integers = new Int32Array(memory.buffer)
    this.#doubles = new Float64Array(memory.buffer)
    const watch = redaction?.watch
    const looks = redaction?.looks
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, 'base64')), {
      env: { memory },
      secrets: {
        isAfterKey: (lineStart: number, at: number) => watch?.isAfterKey(bytes, lineStart, at) === true,
        isToken: (lineStart: number, at: number) => watch?.isToken(bytes, lineStart, at) === true,
        holdsCard: (lineStart: number, lineEnd: number) => looks?.holdsCard(bytes, lineStart, lineEnd) === true,
      },
      objects: {
        numberOfKey (lineStart: number, start: number, end: number) {
          // The quote and the colon behind it are part of the question.
          return watch?.isAfterKey(bytes, lineStart, end + 1) === true ? -2 : keys.find(bytes, start, end)
        },
      },
    })
    this.#take = exports['take'] as Take
    this.senders = new Senders(bytes, exports['noteSender'] as (one: number) => void)
    this.#set(layout.maxLineBytesAt, maxLineBytes)
    this.#noteKeys(options)
    this.#noteBytes(options)
    const ending = options.enrichment === '' ? '' : `,${options.enrichment}}`
    this.#set(layout.endingBytesAt, bytes.write(ending, layout.endingAt))
  }

  /** Whether lines can be given this ending. */
  static canAdd (enrichment: string): boolean {
    return Buffer.byteLength(enrichment) < layout.longestEnding - 2
  }

  /** Where the lines end that were taken last. */
  get outputEnd (): number { return this.#integers[layout.outputEndAt / 4] as number }
  /** Their bytes as they came, without newlines. */
  get lineBytes (): number { return this.#integers[layout.lineBytesAt / 4] as number }
  /** The time of the last of them, ms since the epoch. */
  get lastMs (): number { return this.#doubles[layout.lastMsAt / 8] as number }
  /** Where the first frame begins that was not taken, in the memory that `begin` was given. */
  get nextAt (): number {
    return (this.#integers[layout.inputEndAt / 4] as number) - layout.inputAt + this.#inputFrom
  }

  /** Why no more were taken: the number of the next frame's sender, whose lines go elsewhere, or one of `layout`. */
  get stopped (): number { return this.#integers[layout.stoppedAt / 4] as number }

  /** Entries that are taken from now on are of a frame with this tag. @returns false where it is too long */
  setTag (bytes: Buffer, start: number, end: number): boolean {
    if (end - start > layout.longestTag) return false
    this.#set(layout.tagBytesAt, bytes.copy(this.#memory, layout.tagAt, start, end))
    return true
  }

  /** Only lines with these times are taken from now on, ms since the epoch, `toMs` excluded. */
  limitTimes (fromMs: number, toMs: number): void {
    this.#doubles[layout.fromMsAt / 8] = fromMs
    this.#doubles[layout.toMsAt / 8] = toMs
  }

  /** Whether the frames from `at` on were copied, at least so many that some of them end there. */
  holds (at: number, end: number): boolean {
    const copiedTo = this.#inputFrom + this.#inputEnd - layout.inputAt
    return at >= this.#inputFrom && (copiedTo >= end || copiedTo - at >= layout.inputBytes / 4)
  }

  /** Copies `bytes[from, end)`, or as much of it as there is room for. */
  begin (bytes: Buffer, from: number, end: number): void {
    const to = Math.min(end, from + layout.inputBytes)
    this.#inputFrom = from
    this.#inputEnd = layout.inputAt + bytes.copy(this.#memory, layout.inputAt, from, to)
  }

  /**
   * Takes the frames from `at` on, of what was copied, up to the first that is not ordinary, or whose line goes to
   * another stretch; with `isEntry` the entries of a packed frame.
   *
   * @returns how many lines, `mostLines` at most
   */
  take (at: number, isEntry: boolean, stretch: number, mostLines: number): number {
    const from = at - this.#inputFrom + layout.inputAt
    return this.#take(from, this.#inputEnd, isEntry ? 1 : 0, stretch, mostLines)
  }

  #set (at: number, value: number): void { this.#integers[at / 4] = value }

  #noteKeys ({ keys, secondsOfKey }: FastPathOptions): void {
    if (keys.names.length > layout.mostKeys) throw new RangeError(`more than ${layout.mostKeys} keys`)
    for (const key of keys.names.keys()) {
      this.#memory[layout.keyBitsAt + key] = keys.bits[key] as number
      this.#memory[layout.keySlotsAt + key] = keys.slots[key] as number
      this.#doubles[layout.keySecondsAt / 8 + key] = secondsOfKey[key] ?? 0
    }
  }

  #noteBytes ({ redaction, agentStarts }: FastPathOptions): void {
    const kinds = this.#memory.subarray(layout.byteKindsAt, layout.byteKindsAt + 256)
    const add = (bit: number, isIn: Uint8Array) => {
      for (const [byte, is] of isIn.entries()) if (is !== 0) kinds[byte] = (kinds[byte] as number) | bit
    }
    add(layout.isAgentStart, agentStarts)
    if (redaction === undefined) return
    const { looks } = redaction
    add(layout.isOfWord, looks.isOfWord)
    add(layout.mayCloseKey, looks.mayCloseKey)
    add(layout.isBoundary, looks.isBoundary)
    add(layout.isHexDigit, looks.isHexDigit)
    add(layout.isDigit, looks.isDigit)
    add(layout.mayLeadDigit, looks.mayLeadDigit)
    if (looks.isOfCard !== undefined) add(layout.isOfCard, looks.isOfCard)
    this.#memory.set(looks.mayEnd, layout.mayEndAt)
    this.#set(layout.hasShortKeyAt, looks.hasShortKey ? 1 : 0)
    this.#set(layout.redactsAt, 1)
    this.#set(layout.findsCardsAt, looks.isOfCard === undefined ? 0 : 1)
    this.#set(layout.cardBytesEndAt, (looks.isOfCard?.findLastIndex(is => is !== 0) ?? 0) + 1)
  }
}

// Tested in test/pipeline/ordinary-frames.test.ts
