import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import { freeMemory } from '../../bytes/free-memory.ts'
import type { Mutex } from '../../contracts/mutex.ts'
import type { Acceptor } from '../../contracts/source.ts'
import { createRecord } from '../../contracts/record.ts'
import { AckQueue } from './ack-queue.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { decompress } from './decompress.ts'
import type { ForwardCounts } from './forward-counts.ts'
import { type BufferBudget, FrameAssembler } from './frame-assembler.ts'
import { FrameReader } from './frame-reader.ts'
import type { ForwardLimits } from './limits.ts'
import { Pacing } from './pacing.ts'

/** What all connections of a source share. */
export interface ConnectionOptions {
  readonly source: string
  readonly limits: ForwardLimits
  /** Longest pause after a short read, ms; 0 for none. */
  readonly pauseMs: number
  readonly acceptor: Acceptor
  readonly clock: Clock
  readonly log: Logger
  readonly counts: ForwardCounts
  readonly budget: BufferBudget
  /** Unpacking takes memory: one connection of the process at a time. */
  readonly unpacking: Mutex
  readonly refusalLimiter: RateLimiter
}

/** Chunks without their ack, after which reading waits; and bytes of acks that the sender may leave unread. */
const maxWaitingAcks = 1024
const maxUnreadAckBytes = 1024 * 1024

const noBytes = Buffer.alloc(0)

/**
 * One sender: reads its socket at a measured pace, hands its records over in order, and answers its chunks.
 *
 * Reading stops between two records while the acceptor is full, no longer than `whenWritable` says, once until there
 * is room again: a sender that is not read for seconds gives up or stops its application.
 */
export class Connection {
  /** Resolves when no more records will come from it. Never rejects. */
  readonly hasRead: Promise<void>
  /** Resolves when, besides, what it asked to be acked is settled. Never rejects. */
  readonly done: Promise<void>

  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #assembler: FrameAssembler
  readonly #reader: FrameReader
  readonly #acks: AckQueue
  readonly #pacing: Pacing
  readonly #record = createRecord()
  readonly #pauseEnd = new AbortController()
  /** `stopping`: reads what is at hand, then ends. `closing`: hands nothing over any more. */
  #state: 'reading' | 'stopping' | 'closing' = 'reading'
  /** Nothing has come that is not read. */
  #isIdle = true
  /** Every record of the current frame was accepted. */
  #isFrameAccepted = true
  /** The acceptor stayed full for as long as it may hold us up: its room is not waited for until it had some. */
  #isStallOver = false
  #hasAckTurn = false

  /** Begins to read. The socket belongs to the connection, which closes it. */
  constructor (socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    const { limits, clock, acceptor, counts, budget, pauseMs } = options
    this.#assembler = new FrameAssembler(limits, budget)
    this.#reader = new FrameReader(limits, clock)
    this.#pacing = new Pacing(pauseMs, clock.monotonicMs())
    this.#acks = new AckQueue({
      write: acks => this.#write(acks),
      onWithheld: () => this.#close(),
      stored: () => acceptor.stored(),
      sent: counts.acksSent,
      withheld: counts.acksWithheld,
    })
    this.#record.bytes = noBytes
    // A sender that is gone is nothing to report: what was read of it is handed over, and then the loop sees the end.
    socket.on('error', () => undefined)
    this.hasRead = this.#read()
    this.done = this.#finish()
  }

  /** Ends it when what has come so far is read. */
  stop (): void {
    if (this.#state === 'reading') this.#state = 'stopping'
    this.#pauseEnd.abort()
    if (this.#isIdle && this.#socket.readableLength === 0) void this.#acks.settled.then(() => this.#socket.destroy())
  }

  /** Ends it at once, but for records that it is handing over; acks not sent are not sent. */
  destroy (): void {
    this.#pauseEnd.abort()
    this.#socket.destroy()
  }

  async #finish (): Promise<void> {
    await this.hasRead
    const isCutShort = this.#assembler.isWithinFrame && this.#state !== 'closing'
    if (isCutShort) this.#options.counts.framesRefused('truncated').value++
    this.#assembler.dispose()
    this.#acks.flush()
    await this.#acks.settled
    if (this.#socket.writableLength === 0) this.#socket.destroy()
    else this.#socket.destroySoon()
  }

  async #read (): Promise<void> {
    try {
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        this.#isIdle = false
        const { length } = chunk
        if (!await this.#take(chunk)) return
        // Everything of it was handed over or copied.
        freeMemory(chunk)
        if (this.#state !== 'reading' && this.#socket.readableLength === 0) return
        if (this.#acks.waitingCount > maxWaitingAcks) await this.#ackRoom()
        await this.#pause(length)
        this.#isIdle = true
      }
    } catch {
      // The sender reset the connection, or we closed it while nothing was there to read: an end like any other.
    }
  }

  /** Waits for the acks to be sent, but not beyond a stop: a disk that hangs settles none. */
  async #ackRoom (): Promise<void> {
    const { signal } = this.#pauseEnd
    if (signal.aborted) return
    const stopped = new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    await Promise.race([this.#acks.settled, stopped])
  }

  /** A sender that waits for its ack sends nothing until then, and more at once after it: no pause. */
  async #pause (bytes: number): Promise<void> {
    const { clock } = this.#options
    const pauseMs = this.#pacing.pauseMs(bytes, clock.monotonicMs())
    if (pauseMs > 0 && !this.#hasAckTurn) await clock.sleep(pauseMs, this.#pauseEnd.signal)
  }

  /** Hands over all whole frames; false if the connection is to be closed. */
  async #take (chunk: Buffer): Promise<boolean> {
    const { counts, clock } = this.#options
    counts.receivedBytes.value += chunk.length
    counts.lastReceivedMs = clock.monotonicMs()
    this.#hasAckTurn = false
    try {
      this.#assembler.feed(chunk)
      while (this.#state !== 'closing' && this.#assembler.next()) {
        this.#reader.begin(this.#assembler.bytes, this.#assembler.start)
        this.#isFrameAccepted = true
        if (this.#reader.isCompressed) await this.#readCompressed()
        else while (!this.#handOver()) await this.#backpressure()
        if (!this.#endFrame()) return false
      }
      return this.#state !== 'closing'
    } catch (error) {
      this.#refuse(error)
      return false
    } finally {
      this.#acks.flush()
      this.#release()
    }
  }

  /** Hands over the frame's records; false when the acceptor is full before the last. */
  #handOver (): boolean {
    const { acceptor } = this.#options
    const record = this.#record
    while (this.#state !== 'closing') {
      if (!acceptor.isFull) this.#isStallOver = false
      else if (!this.#isStallOver) return false
      if (!this.#reader.next(record)) return true
      if (!acceptor.accept(record)) this.#isFrameAccepted = false
    }
    this.#isFrameAccepted = false
    return true
  }

  async #backpressure (): Promise<void> {
    const { acceptor } = this.#options
    this.#acks.flush()
    await acceptor.whenWritable()
    this.#isStallOver = acceptor.isFull
  }

  async #readCompressed (): Promise<void> {
    const { unpacking, limits } = this.#options
    this.#acks.flush()
    await unpacking.run(async () => {
      try {
        this.#reader.unpacked(await decompress(this.#reader.payload, limits.maxDecompressedBytes))
        while (!this.#handOver()) await this.#backpressure()
      } finally {
        this.#release()
      }
    })
  }

  /** Sees to the frame's ack; false if the sender has to send it again. */
  #endFrame (): boolean {
    const { chunkStart, chunkEnd, isForeign } = this.#reader
    if (isForeign) this.#options.counts.framesForeign.value++
    if (chunkStart === chunkEnd) return true
    this.#hasAckTurn = true
    if (this.#isFrameAccepted) this.#acks.add(this.#assembler.bytes, chunkStart, chunkEnd)
    else this.#acks.withhold()
    return this.#isFrameAccepted
  }

  /** Lets go of memory that an idle connection would hold. */
  #release (): void {
    const { counts, clock } = this.#options
    if (this.#record.bytes !== noBytes) counts.lagMs = Math.max(clock.wallMs() - this.#record.timeMs, 0)
    this.#record.bytes = noBytes
    this.#record.partial = undefined
    this.#reader.release()
  }

  #refuse (error: unknown): void {
    const { log, counts, source, clock, refusalLimiter } = this.#options
    const about = { source, peer: this.#socket.remoteAddress, offsetBytes: this.#assembler.frameOffsetBytes }
    this.#assembler.dispose()
    if (error instanceof SluiceError && error.code === 'ERR_FRAME') {
      counts.framesRefused(error.reason).value++
      const { isAllowed, isLast } = refusalLimiter.take(clock.monotonicMs())
      if (!isAllowed) return
      const isMuted = isLast ? { muted: 'more of these within a minute are only counted' } : undefined
      log.warn({ ...about, reason: error.reason, detail: error.message, ...isMuted }, 'frame refused, connection closed')
    } else {
      counts.framesRefused('internal').value++
      log.error({ ...about, error }, 'reading a connection failed, connection closed')
    }
  }

  #write (acks: Buffer): void {
    if (this.#socket.writable) this.#socket.write(acks)
    // A sender that asks for acks and does not read them would fill our memory with them.
    if (this.#socket.writableLength > maxUnreadAckBytes) this.#close()
  }

  #close (): void {
    this.#state = 'closing'
    this.#pauseEnd.abort()
    this.#socket.destroy()
  }
}

// Tested in test/sources/forward/server.test.ts
