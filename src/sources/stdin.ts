import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import split from 'split2'
import type { Clock } from '../contracts/clock.ts'
import type { Acceptor, Source } from '../contracts/source.ts'
import { createRecord, type Stream } from '../contracts/record.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { LineCutter } from './line-cutter.ts'
import { untilQuiet } from './quiet.ts'

export interface StdinSourceOptions {
  /** Bytes of lines; the source sets its encoding and ends it. */
  readonly input: Readable
  /** Which stream of a container the lines are taken for. */
  readonly stream: Stream
  /** Name of the container the lines are taken to be of; empty unless given. */
  readonly container?: string
  /** A longer line ends there and goes on as a record of its own; 1 or more. */
  readonly maxLineBytes: number
  /** A stop reads on until nothing came for so long, ms; 1 s unless given. */
  readonly quietMs?: number
  readonly acceptor: Acceptor
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Logger
}

export interface StdinSource extends Source {
  /** Resolves when the input has ended and its last line is handed over. */
  readonly ended: Promise<void>
}

/**
 * Makes a source of the lines of an input. A line is what stands before a newline, any bytes, a carriage return
 * included; its time is when it was read. What stands behind the last newline is a line too.
 */
export function createStdinSource (options: StdinSourceOptions): StdinSource {
  return new LineSource(options)
}

class LineSource implements StdinSource {
  readonly name = 'stdin'
  readonly ended: Promise<void>
  readonly #options: StdinSourceOptions
  readonly #record = createRecord()
  readonly #receivedBytes: Counter
  readonly #cutter: LineCutter
  readonly #lines: ReturnType<typeof split>
  readonly #endedSignal = new AbortController()
  #state: 'new' | 'open' | 'ended' = 'new'
  /** The acceptor stayed full for as long as it may hold us up. */
  #isStallOver = false
  #lastReceivedMs = 0

  constructor (options: StdinSourceOptions) {
    this.#options = options
    const { metrics, stream, container = '' } = options
    this.#receivedBytes = metrics.counter('sluice_received_bytes_total', this.name)
    this.#cutter = new LineCutter(options.maxLineBytes, metrics.counter('sluice_lines_cut_total', this.name))
    // Latin-1 all the way, where a character is a byte. A string as matcher, because the default takes `\r` away too.
    this.#lines = split('\n', { decodeStrings: false })
    this.#record.stream = stream
    this.#record.container = container
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#lines.once('end', () => {
      this.#state = 'ended'
      this.#endedSignal.abort()
      resolve()
    })
  }

  get isOpen (): boolean {
    return this.#state === 'open'
  }

  async start (): Promise<void> {
    if (this.#state !== 'new') return
    this.#state = 'open'
    const { input, clock, log } = this.#options
    input.setEncoding('latin1')
    input.on('data', (text: string) => {
      this.#receivedBytes.value += text.length
      this.#lastReceivedMs = clock.monotonicMs()
    })
    input.once('error', error => {
      log.warn({ source: this.name, error }, 'input failed: taken as its end')
      this.#cutter.end()
    })
    this.#lines.on('data', (line: string) => this.#accept(line))
    input.pipe(this.#cutter).pipe(this.#lines)
  }

  /** Reads on until the input ends, is quiet, or time is up; then takes what is there as the end. */
  async drain (signal: AbortSignal): Promise<void> {
    if (this.#state === 'new') return
    const { input, clock, quietMs = 1000 } = this.#options
    await untilQuiet({
      clock, quietMs, lastReceivedMs: () => this.#lastReceivedMs, ended: this.#endedSignal.signal, signal,
    })
    input.unpipe(this.#cutter)
    input.destroy()
    this.#cutter.end()
    await this.ended
  }

  #accept (line: string): void {
    const { acceptor, clock } = this.#options
    const record = this.#record
    record.bytes = Buffer.from(line, 'latin1')
    record.start = 0
    record.end = record.bytes.length
    record.timeMs = clock.wallMs()
    acceptor.accept(record)
    if (!acceptor.isFull) this.#isStallOver = false
    else if (!this.#isStallOver) void this.#waitForRoom()
  }

  async #waitForRoom (): Promise<void> {
    const { acceptor } = this.#options
    this.#lines.pause()
    await acceptor.whenWritable()
    this.#isStallOver = acceptor.isFull
    this.#lines.resume()
  }
}
