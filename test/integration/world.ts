import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import { loadConfig } from '../../src/config/load.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { createPipeline, type Pipeline } from '../../src/pipeline/pipeline.ts'
import type { LedgerSnapshot } from '../../src/telemetry/ledger.ts'
import { createRandom } from '../support/access-lines.ts'
import { recordingLog } from '../support/recording-log.ts'
import { answerOf, closeOf } from '../support/sender.ts'
import { BreakingDisk } from './breaking-disk.ts'
import { FastClock } from './fast-clock.ts'
import { forwardFrames, type Carrier } from '../support/forward-frames.ts'
import { recount } from './recount.ts'
import { SentLines, type Unit } from './sent-lines.ts'

/** Only what is broken takes so long, on however busy a machine. */
const patienceMs = 300_000

/** The terms of all lives of a pipeline together, but for `pending`. */
export type Totals = Record<'received' | 'recovered' | 'delivered' | 'filtered' | 'dropped' | 'joined', number>

export interface Sending {
  readonly carrier: Carrier
  readonly wantsAck: boolean
  /** What follows the frames: nothing, or bytes that are no frame. */
  readonly tail: Buffer
}

/** A pipeline on a directory of its own, what was sent to it, and the means to break what is around it. */
export class World {
  readonly sent = new SentLines()
  readonly clock = new FastClock(10)
  readonly disk: BreakingDisk
  readonly #directory: string
  readonly #log = recordingLog()
  readonly #snapshots: LedgerSnapshot[] = []
  #pipeline: Pipeline | undefined
  #watch: NodeJS.Timeout | undefined
  #isUnbalanced = false
  #isDestinationBroken = false
  #chunkCount = 0
  /** A life ended while the disk did not take what had been settled: it may be delivered again. */
  mayRepeat = false
  /** The quota was tiny in some life; the disk refused writes in some life. */
  mayEvict = false
  mayDrop = false

  constructor (directory: string, seed: number) {
    this.#directory = directory
    this.disk = new BreakingDisk(createRandom(seed))
    mkdirSync(join(directory, 'real/delivered'), { recursive: true })
    symlinkSync(join(directory, 'real/delivered'), this.#destination)
  }

  get pipeline (): Pipeline {
    if (this.#pipeline === undefined) throw new Error('the pipeline was expected to run')
    return this.#pipeline
  }

  /** Where files are delivered, for `deliveredLines`. */
  get directory (): string { return this.#directory }
  get logLines (): readonly Record<string, unknown>[] { return this.#log.lines }
  get #destination (): string { return join(this.#directory, 'out') }
  get #socketPath (): string { return join(this.#directory, 'fluent.sock') }
  get #waiting () { return recount(join(this.#directory, 'data/task1')) }

  async start (): Promise<void> {
    const before = this.#waiting
    const { config } = loadConfig({ env: this.#env(), readFile: () => '' })
    this.#pipeline = await createPipeline({
      config,
      log: this.#log.log,
      boot: randomBytes(16).toString('hex'),
      hostId: 'task1',
      facts: noFacts,
      clock: this.clock,
      disk: this.disk,
    })
    const { ledger } = this.#pipeline
    await this.#until('what lies in the spool is recovered', () =>
      isDeepStrictEqual(withoutZeros(ledger.snapshot().recovered.by), withoutZeros(before)),
    () => ({ found: ledger.snapshot().recovered.by, expected: before }))
    await this.#pipeline.start()
    this.#watch = setInterval(() => { if (!ledger.snapshot().isBalanced) this.#isUnbalanced = true }, 1)
  }

  /** Ends this life: at once, or when everything is delivered, which must be possible. */
  async stop (isAtOnce: boolean): Promise<void> {
    const { pipeline } = this
    const isHopeless = this.#isDestinationBroken || this.disk.fault !== 'none'
    await pipeline.stop(isAtOnce || isHopeless ? AbortSignal.abort() : new AbortController().signal)
    clearInterval(this.#watch)
    this.#requireBalance()
    this.#snapshots.push(pipeline.ledger.snapshot())
    if (this.disk.fault === 'none') {
      const { left } = pipeline
      if (!isDeepStrictEqual(withoutZeros(left), withoutZeros(this.#waiting))) {
        throw new Error(`left ${JSON.stringify(left)}, on disk ${JSON.stringify(this.#waiting)}`)
      }
    } else {
      this.mayRepeat = true
    }
    this.disk.fault = 'none'
    this.#pipeline = undefined
  }

  /** The ledger balances, and once writes are through, `pending` is what the files say. */
  async agree (): Promise<void> {
    this.#requireBalance()
    if (this.disk.fault !== 'none') return
    const inLedger = () => {
      const { join: joins, ...routes } = this.pipeline.ledger.snapshot().pending.by
      return withoutZeros(routes)
    }
    await this.#until('the ledger and the disk agree on what is pending',
      () => isDeepStrictEqual(inLedger(), withoutZeros(this.#waiting)),
      () => ({ ledger: inLedger(), disk: withoutZeros(this.#waiting) }))
    this.#requireBalance()
  }

  /** Sends units over a connection of their own; with `wantsAck`, one chunk after the other, until one is not acked. */
  async send (units: readonly Unit[], { carrier, wantsAck, tail }: Sending): Promise<void> {
    const socket = connect(this.#socketPath)
    const closed = closeOf(socket)
    const chunks = wantsAck && carrier === 'message' ? units.map(unit => [unit]) : [units]
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      const id = wantsAck ? `chunk ${++this.#chunkCount}` : undefined
      const { bytes, chunks: ids } = forwardFrames(carrier, 'docker', chunk.map(({ record }) => record), id)
      for (const unit of chunk) unit.sentCount++
      socket.write(bytes)
      if (!wantsAck) continue
      const ack = await answerOf(socket, closed)
      if (ack === undefined) break
      if (!ack.includes(ids[0] ?? '')) throw new Error('an ack names another chunk')
      for (const unit of chunk) unit.isAcked = true
    }
    socket.resume()
    if (!socket.destroyed) socket.end(tail)
    await closed
  }

  /** A file takes the place of the directory. */
  breakDestination (): void {
    if (this.#isDestinationBroken) return
    this.#isDestinationBroken = true
    const file = `${this.#destination}.new`
    writeFileSync(file, 'in the way')
    renameSync(file, this.#destination)
  }

  mendDestination (): void {
    if (!this.#isDestinationBroken) return
    this.#isDestinationBroken = false
    rmSync(this.#destination)
    symlinkSync(join(this.#directory, 'real/delivered'), this.#destination)
  }

  totals (): Totals {
    const sum = (term: keyof Totals) => this.#snapshots.reduce((all, snapshot) => all + snapshot[term].total, 0)
    return {
      received: sum('received'),
      recovered: sum('recovered'),
      delivered: sum('delivered'),
      filtered: sum('filtered'),
      dropped: sum('dropped'),
      joined: sum('joined'),
    }
  }

  droppedBy (): Readonly<Record<string, number>> {
    const all: Record<string, number> = {}
    for (const { dropped } of this.#snapshots) {
      for (const [labels, count] of Object.entries(dropped.by)) {
        const reason = labels.split('/')[1] ?? ''
        all[reason] = (all[reason] ?? 0) + count
      }
    }
    return all
  }

  /** Frees what a failed run leaves behind. */
  async dispose (): Promise<void> {
    clearInterval(this.#watch)
    await this.#pipeline?.stop(AbortSignal.abort())
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #requireBalance (): void {
    const snapshot = this.pipeline.ledger.snapshot()
    if (this.#isUnbalanced || !snapshot.isBalanced) {
      throw new Error(`the ledger does not balance${snapshot.isBalanced ? ', for a time' : ''}: ${JSON.stringify(snapshot)}`)
    }
  }

  async #until (promise: string, isTrue: () => boolean, found: () => unknown): Promise<void> {
    const endMs = performance.now() + patienceMs
    while (!isTrue()) {
      if (performance.now() > endMs) throw new Error(`expected that ${promise}, found ${JSON.stringify(found())}`)
      await delay(1)
    }
  }

  #env (): Readonly<Record<string, string>> {
    return {
      SLUICE_UNIX_SOCKET: this.#socketPath,
      SLUICE_TCP: 'off',
      SLUICE_HTTP: 'off',
      SLUICE_DATA_DIR: join(this.#directory, 'data'),
      SLUICE_FILE_DIRECTORY: this.#destination,
      SLUICE_FILE_MIN_FREE_BYTES: '0B',
      SLUICE_OBJECTS_MAX_BYTES: '16KiB',
      SLUICE_OBJECTS_MAX_AGE: '100ms',
      SLUICE_OBJECTS_COMPRESSION: 'none',
      SLUICE_EVENTS_MAX_AGE: '50ms',
      SLUICE_EVENTS_SEGMENT_MAX_BYTES: '16KiB',
      SLUICE_EVENTS_BATCH_MAX_RECORDS: '3',
      // More than is sent at once, so that only a disk that refuses makes it drop.
      SLUICE_SPOOL_WRITE_BUFFER_BYTES: '1MiB',
      SLUICE_SPOOL_MAX_STALL: '4s',
      SLUICE_SPOOL_MAX_OPEN_SEGMENTS: '3',
      SLUICE_JOIN_PARTIALS_MAX_BYTES: '16KiB',
      SLUICE_JOIN_PARTIALS_MAX_AGE: '3s',
      SLUICE_JOIN_PARTIALS_MAX_OPEN: '4',
      SLUICE_DELIVERY_REQUEST_TIMEOUT: '10m',
      SLUICE_DELIVERY_BACKOFF_MIN: '10ms',
      SLUICE_DELIVERY_BACKOFF_MAX: '300ms',
      SLUICE_STOP_DEADLINE: '10m',
      SLUICE_STOP_QUIET: '200ms',
    }
  }
}

function withoutZeros (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0).sort(([a], [b]) => a < b ? -1 : 1))
}
