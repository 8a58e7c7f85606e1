import type { Readable } from 'node:stream'
import type { Acceptor, Source } from '../contracts/source.ts'
import { createRecord, type Stream } from '../contracts/record.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import type { Counter } from '../telemetry/ledger.ts'
import { LineCutter } from './line-cutter.ts'
import { untilQuiet } from './quiet.ts'

export interface StdinSourceOptions extends Pick<Instruments, 'clock' | 'metrics' | 'log'> {
  /** Bytes of lines; the source reads it with pauses and destroys it when a stop ends the reading. */
  readonly input: Readable
  /**
   * Whether the input keeps what is not read of it, as a file does. A stop then ends between two lines, at once; of
   * anything else it reads on, and takes all that was read.
   */
  readonly isFile?: boolean
  /** Which stream of a container the lines are taken for. */
  readonly stream: Stream
  /** Name of the container the lines are taken to be of; empty unless given. */
  readonly container?: string
  /** A longer line ends there and goes on as a record of its own; 1 or more. */
  readonly maxLineBytes: number
  /** A stop reads on until nothing came for so long, ms; 1 s unless given. */
  readonly quietMs?: number
  /**
   * Waits while the acceptor is full, however often its `whenWritable` resolves. Else once until there was room again,
   * so that whoever writes to the input is not held up for long.
   */
  readonly waitsForRoom?: boolean
  readonly acceptor: Acceptor
}

/** Why no more lines come; `stop`: a stop ended the reading, and there may be more in the input. */
export type InputEnd = 'end of input' | 'input failed' | 'stop'

/** A wait for room that takes longer, ms, is told. */
const tellAfterMs = 10_000

/**
 * The lines of an input. A line is what stands before a newline, any bytes, a carriage return included; its time is
 * when it was read. What stands behind the last newline is a line too.
 *
 * It ends with the input, with the failure of the input, or with a stop, whichever is first, and whatever the acceptor
 * does: a stop also ends a wait for room.
 */
export class StdinSource implements Source {
  readonly name = 'stdin'
  readonly #options: StdinSourceOptions
  readonly #record = createRecord()
  readonly #receivedBytes: Counter
  readonly #cutter: LineCutter
  readonly #endSignal = new AbortController()
  readonly #ended = Promise.withResolvers<InputEnd>()
  #state: 'new' | 'open' | 'ended' = 'new'
  /** While reading waits for room, ends that wait. */
  #endWait: (() => void) | undefined
  /** How the input ended, perhaps while lines of it still wait for room. */
  #inputEnd: InputEnd | undefined
  /** The acceptor stayed full for as long as it may hold us up. */
  #isStallOver = false
  #hasThrown = false
  /** When something came last, monotonic ms. */
  #lastReceivedMs = 0

  constructor (options: StdinSourceOptions) {
    this.#options = options
    const { metrics, stream, container = '' } = options
    this.#receivedBytes = metrics.counter('sluice_received_bytes_total', this.name)
    this.#cutter = new LineCutter(options.maxLineBytes, metrics.counter('sluice_lines_cut_total', this.name))
    this.#record.stream = stream
    this.#record.container = container
  }

  get isOpen (): boolean { return this.#state === 'open' }
  /** Resolves when no more lines will come: after the last one, or a stop. Never rejects. */
  get ended (): Promise<InputEnd> { return this.#ended.promise }

  get lastReceivedMs (): number | undefined {
    return this.#receivedBytes.value === 0 ? undefined : this.#lastReceivedMs
  }

  async start (): Promise<void> {
    if (this.#state !== 'new') return
    this.#state = 'open'
    const { input } = this.#options
    input.on('error', error => this.#inputFailed(error))
    input.once('end', () => this.#inputEnded('end of input'))
    // What is destroyed says nothing else.
    input.once('close', () => this.#inputFailed(new Error('it was closed before its end')))
    input.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** Ends at once what is read from a file; else reads on until the input ends, is quiet, or time is up. */
  async drain (signal: AbortSignal): Promise<void> {
    const { input, clock, isFile = false, waitsForRoom = false, quietMs = 1000 } = this.#options
    if (isFile || this.#state === 'new') {
      if (this.#state !== 'ended') this.#end('stop')
    } else {
      // A wait that ends by itself says nothing of the writer; one that may not is over with the quiet time.
      const isHeldUp = () => this.#endWait !== undefined && !waitsForRoom
      const lastReceivedMs = () => isHeldUp() ? clock.monotonicMs() : this.#lastReceivedMs
      await untilQuiet({ clock, quietMs, lastReceivedMs, ended: this.#endSignal.signal, signal })
      while (this.isOpen && this.#cutter.next()) this.#accept()
      if (this.isOpen) this.#finish(this.#inputEnd ?? 'stop')
    }
    input.destroy()
  }

  #take (chunk: Buffer): void {
    if (!this.isOpen) return
    this.#receivedBytes.value += chunk.length
    this.#lastReceivedMs = this.#options.clock.monotonicMs()
    this.#cutter.feed(chunk)
    this.#handOver()
  }

  /** Hands over the lines of the chunk, or those before which there is no room; then goes on by itself. */
  #handOver (): void {
    const { acceptor } = this.#options
    while (this.#cutter.next()) {
      this.#accept()
      if (!acceptor.isFull) this.#isStallOver = false
      else if (!this.#isStallOver) {
        void this.#waitForRoom()
        return
      }
    }
    if (this.#inputEnd !== undefined) this.#finish(this.#inputEnd)
  }

  #accept (): void {
    const { acceptor, clock, log } = this.#options
    const record = this.#record
    record.bytes = this.#cutter.bytes
    record.start = this.#cutter.start
    record.end = this.#cutter.end
    record.part = this.#cutter.part
    record.timeMs = clock.wallMs()
    try {
      acceptor.accept(record)
    } catch (error) {
      // It never should. That line is its trouble; the next ones are not.
      if (!this.#hasThrown) log.error({ source: this.name, error }, 'a line could not be processed, going on: please report it')
      this.#hasThrown = true
    }
  }

  async #waitForRoom (): Promise<void> {
    const { input, acceptor, clock, log, waitsForRoom = false } = this.#options
    const { promise, resolve } = Promise.withResolvers<void>()
    const over = new AbortController()
    this.#endWait = resolve
    input.pause()
    void clock.sleep(tellAfterMs, over.signal).then(() => {
      if (!over.signal.aborted) log.warn({ source: this.name }, 'reading waits for room: see which route is full, and why')
    })
    acceptor.whenWritable().then(resolve, resolve)
    await promise
    over.abort()
    this.#endWait = undefined
    if (!this.isOpen) return
    this.#isStallOver = acceptor.isFull && !waitsForRoom
    input.resume()
    this.#handOver()
  }

  #inputFailed (error: Error): void {
    if (!this.isOpen || this.#inputEnd !== undefined) return
    this.#options.log.error({ source: this.name, error }, 'input failed: taken as its end')
    this.#inputEnded('input failed')
  }

  #inputEnded (how: InputEnd): void {
    if (!this.isOpen || this.#inputEnd !== undefined) return
    this.#inputEnd = how
    // Lines that wait for room are handed over first.
    if (this.#endWait === undefined) this.#finish(how)
  }

  #finish (how: InputEnd): void {
    if (this.#cutter.last()) this.#accept()
    this.#end(how)
  }

  #end (how: InputEnd): void {
    this.#state = 'ended'
    this.#endSignal.abort()
    this.#endWait?.()
    this.#ended.resolve(how)
  }
}
