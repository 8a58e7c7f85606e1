import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { SluiceError } from '../../contracts/errors.ts'
import { AckQueue } from './ack-queue.ts'
import { AckWriter } from './ack-writer.ts'
import type { ForwardCounts } from './forward-counts.ts'
import { FrameIntake, type FrameIntakeOptions } from './frame-intake.ts'
import type { FrameOption } from './frame-option.ts'
import { fullReadBytes, Pacing } from './pacing.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { refusalAdvice, type RefusalReason } from './refusal.ts'
import { SocketPieces } from './socket-pieces.ts'

/** What all connections of a source share. */
export interface ConnectionOptions extends FrameIntakeOptions {
  readonly counts: ForwardCounts
  /** Longest pause after a short read, ms; 0 for none. */
  readonly pauseMs: number
  readonly log: Logger
  readonly refusalLimiter: RateLimiter
  /** The connection waits for something that may never come: `endOverdue` is to be called now and then. */
  readonly onWaiting: () => void
}

/**
 * So long may an unfinished frame go without growing by `leastGrowthBytes`, and acks without being read by a sender
 * that has ended, ms.
 */
const maxQuietMs = 30_000
const leastGrowthBytes = 16 * 1024

/** So many rounds in which nothing comes from a sender are left to pass before the event loop waits for it again. */
const mostEmptyRounds = 2

/** One sender: reads its socket at a measured pace, has its records handed over in order, and answers its chunks. */
export class Connection {
  /** Resolves when no more records will come from it. Never rejects. */
  readonly hasRead: Promise<void>
  /** Resolves when, besides, what it asked to be acked is settled. Never rejects. */
  readonly done: Promise<void>
  /** When its last whole frame came, or else the connection itself, monotonic ms. */
  lastFrameMs: number
  /** It has sent a whole frame. */
  isProven = false

  readonly #socket: Socket
  readonly #pieces: SocketPieces
  readonly #options: ConnectionOptions
  readonly #intake: FrameIntake
  readonly #acks: AckQueue
  readonly #writer: AckWriter
  readonly #pacing: Pacing
  readonly #pauseEnd = new AbortController()
  /** `stopping`: reads what is at hand, then ends. `closing`: hands nothing over any more. */
  #state: 'reading' | 'stopping' | 'closing' = 'reading'
  /** Nothing has come that is not read. */
  #isIdle = true
  #hasAckTurn = false
  /** The unfinished frame when it had last grown by enough: where it begins, how much of it was there, and when. */
  readonly #growth = { offsetBytes: -1, bytes: 0, sinceMs: 0 }
  /** When all was done but for acks that the sender has not read; undefined before. */
  #lingeringSinceMs: number | undefined

  /** Begins to read. The socket belongs to the connection, which closes it. */
  constructor (socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#pieces = new SocketPieces(socket, options.share.readMemory)
    this.#options = options
    const { clock, acceptor, counts, pauseMs } = options
    this.lastFrameMs = clock.monotonicMs()
    this.#pacing = new Pacing(pauseMs, clock.monotonicMs())
    this.#writer = new AckWriter(socket)
    this.#acks = new AckQueue({
      write: acks => { if (!this.#writer.write(acks)) this.#refuseUnread() },
      onWithheld: () => this.close(),
      stored: () => acceptor.stored(),
      sent: counts.acksSent,
      withheld: counts.acksWithheld,
    })
    this.#intake = new FrameIntake(options, {
      onFrame: (option, bytes, isAccepted) => this.#onFrame(option, bytes, isAccepted),
      onPause: () => this.#acks.flush(),
      ready: () => this.#acks.isFull ? this.#ackRoom() : undefined,
      onEvicted: heldBytes => this.#refuse('memory', `held most memory, ${heldBytes} bytes, when others needed some`),
    })
    this.#pauseEnd.signal.addEventListener('abort', () => options.share.rounds.leave(this), { once: true })
    // A sender that is gone is nothing to report: what was read of it is handed over, and then the loop sees the end.
    socket.on('error', () => undefined)
    this.hasRead = this.#read()
    this.done = this.#finish()
  }

  /** All that its sender has sent was read and answered: it can be closed without taking anything away. */
  get isIdle (): boolean {
    if (this.#lingeringSinceMs !== undefined) return true
    return this.#isIdle && this.#pieces.waitingBytes === 0 && this.#acks.waitingCount === 0
  }

  get peer (): string | undefined {
    return this.#socket.remoteAddress
  }

  /** Ends it when what has come so far is read. */
  stop (): void {
    if (this.#state === 'reading') this.#state = 'stopping'
    this.#pauseEnd.abort()
    if (this.#isIdle && this.#pieces.waitingBytes === 0) void this.#acks.settled.then(() => this.#socket.destroy())
  }

  /** Ends it at once, but for records that it is handing over; acks not sent are not sent. */
  destroy (): void {
    this.#pauseEnd.abort()
    this.#socket.destroy()
  }

  /** Ends it at once, whatever it is doing. */
  close (): void {
    this.#endIntake()
    this.#socket.destroy()
  }

  /** Closes it if it has waited for too long; true if it waits still. */
  endOverdue (nowMs: number): boolean {
    if (this.#lingeringSinceMs !== undefined) {
      if (nowMs - this.#lingeringSinceMs < maxQuietMs) return true
      this.destroy()
      return false
    }
    if (this.#state === 'closing' || !this.#intake.isWithinFrame) return false
    if (!this.#isIdle || nowMs - this.#growth.sinceMs < maxQuietMs) return true
    const { unfinishedBytes } = this.#intake
    this.#refuse('unfinished', `expected a frame to go on within ${maxQuietMs} ms, found ${unfinishedBytes} bytes of it`)
    return false
  }

  async #finish (): Promise<void> {
    await this.hasRead
    const isCutShort = this.#intake.isWithinFrame && this.#state !== 'closing'
    if (isCutShort) this.#options.counts.framesRefused('truncated').value++
    this.#intake.close()
    this.#acks.flush()
    await this.#acks.settled
    this.#lingeringSinceMs = this.#options.clock.monotonicMs()
    this.#writer.end()
    if (!this.#socket.destroyed) this.#options.onWaiting()
  }

  async #read (): Promise<void> {
    try {
      await this.#readAll()
    } finally {
      this.#pieces.close()
    }
  }

  async #readAll (): Promise<void> {
    const pieces = this.#pieces
    while (this.#state !== 'closing' && await pieces.arrive()) {
      this.#isIdle = false
      // What came stays where it is until its turn.
      const turn = this.#intake.begin(pieces.waitingBytes)
      if (turn !== undefined) await turn
      const piece = pieces.take()
      if (piece === undefined) return
      const { length } = piece
      if (!await this.#take(piece)) return
      // Everything of it was handed over or copied.
      pieces.free(piece)
      const pauseMs = this.#pauseMs(length)
      // Nothing is read meanwhile: what comes would wake the process, and have to wait all the same.
      if (pauseMs > 0) await this.#pause(pauseMs)
      // Who sends all he can has sent more: the event loop need not say so.
      else if (length >= fullReadBytes) pieces.readNow()
      pieces.done()
      if (this.#state !== 'reading' && !await pieces.hasMore()) return
      this.#isIdle = pieces.waitingBytes === 0
    }
  }

  /** Ends when something has come, or when it is for the event loop to tell that something has. */
  async #pause (pauseMs: number): Promise<void> {
    for (let round = 0; round < mostEmptyRounds; round++) {
      await this.#options.share.rounds.wait(this, pauseMs)
      if (this.#pauseEnd.signal.aborted || this.#pieces.readNow() !== false) return
    }
  }

  /** Waits for the acks to be sent, but not beyond a stop: a disk that hangs settles none. */
  async #ackRoom (): Promise<void> {
    this.#acks.flush()
    const { signal } = this.#pauseEnd
    if (signal.aborted) return
    const stopped = new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    await Promise.race([this.#acks.settled, stopped])
  }

  /** A sender that waits for its ack sends nothing until then, and more at once after it: no pause. */
  #pauseMs (bytes: number): number {
    const pauseMs = this.#pacing.pauseMs(bytes, this.#intake.framesTaken, this.#options.clock.monotonicMs())
    return this.#hasAckTurn || this.#pauseEnd.signal.aborted ? 0 : pauseMs
  }

  /** Has all whole frames handed over; false if the connection is to be closed. */
  async #take (piece: Buffer): Promise<boolean> {
    const { counts, clock } = this.#options
    counts.receivedBytes.value += piece.length
    counts.lastReceivedMs = clock.monotonicMs()
    this.#hasAckTurn = false
    try {
      await this.#intake.take(piece)
      if (this.#intake.isWithinFrame) this.#noteGrowth()
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#acks.flush()
    }
    return this.#state !== 'closing'
  }

  #noteGrowth (): void {
    const { frameOffsetBytes: offsetBytes, unfinishedBytes: bytes } = this.#intake
    const isSame = offsetBytes === this.#growth.offsetBytes
    if (isSame && bytes - this.#growth.bytes < leastGrowthBytes) return
    this.#intake.touch()
    Object.assign(this.#growth, { offsetBytes, bytes, sinceMs: this.#options.clock.monotonicMs() })
    this.#options.onWaiting()
  }

  /** Sees to the frame's ack; false if the sender has to send it again. */
  #onFrame ({ chunkStart, chunkEnd, isForeign }: FrameOption, bytes: Buffer, isAccepted: boolean): boolean {
    if (this.#state === 'closing') return false
    const { counts } = this.#options
    this.isProven = true
    this.lastFrameMs = counts.lastReceivedMs
    if (isForeign) counts.framesForeign.value++
    if (chunkStart === chunkEnd) return true
    this.#hasAckTurn = true
    if (isAccepted) {
      this.#acks.add(bytes, chunkStart, chunkEnd)
      return true
    }
    // It is closed when those before are answered: what comes until then would come twice.
    this.#endIntake()
    this.#acks.withhold()
    return false
  }

  #onError (error: unknown): void {
    if (error instanceof SluiceError && error.code === 'ERR_FRAME') {
      this.#refuse(error.reason as RefusalReason, error.message)
      return
    }
    const { log, counts, source } = this.#options
    counts.framesRefused('internal').value++
    log.error({ source, peer: this.peer, error }, 'reading a connection failed, connection closed')
    this.#endIntake()
  }

  #refuseUnread (): void {
    this.#refuse('acks_unread', `expected a sender that reads its acks, found ${this.#writer.unreadBytes} bytes of them unread`)
    this.#socket.destroy()
  }

  #refuse (reason: RefusalReason, detail: string): void {
    const { log, counts, source, clock, refusalLimiter } = this.#options
    counts.framesRefused(reason).value++
    const allowed = refusalLimiter(clock.monotonicMs(), `${reason} ${this.peer}`)
    if (allowed !== undefined) {
      const { frameOffsetBytes: offsetBytes } = this.#intake
      log.warn({ source, peer: this.peer, offsetBytes, reason, detail, ...refusalAdvice(reason), ...allowed }, 'frame refused, connection closed')
    }
    this.#endIntake()
    // Where it reads, that ends by itself.
    if (this.#isIdle) void this.#acks.settled.then(() => this.#writer.end())
  }

  /** Hands nothing over any more; what was before is still answered. */
  #endIntake (): void {
    this.#state = 'closing'
    this.#intake.close()
    this.#pauseEnd.abort()
  }
}

// Tested in test/sources/forward/server.test.ts
