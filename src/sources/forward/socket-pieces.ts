import { readSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { freeMemory } from '../../bytes/free-memory.ts'
import { ReadHold } from './read-hold.ts'
import type { ReadMemory } from './read-memory.ts'

/**
 * Reads a socket piece by piece, and nothing ahead of the piece that is being dealt with.
 *
 * After a pause it is read without the event loop, by the number of its file: having the loop watch it, stop watching
 * and be woken for that by the next line costs as much as all else that is done for a few lines. A socket never
 * keeps such a read waiting. Where the number is not known, or there is TLS, the loop reads.
 */
export class SocketPieces {
  readonly #socket: Socket
  readonly #memory: ReadMemory
  readonly #hold: ReadHold
  /** Read, and not taken yet. */
  #piece: Buffer | undefined
  /** What `#piece`, or the piece that was taken last, lies in. */
  #inUse: Buffer | undefined
  /** Called when the socket has something to tell. */
  #wake: () => void = () => undefined

  constructor (socket: Socket, memory: ReadMemory) {
    this.#socket = socket
    this.#memory = memory
    this.#hold = new ReadHold(socket)
    for (const event of ['readable', 'end', 'close']) socket.on(event, () => this.#wake())
  }

  /** Bytes that have come and not been taken. */
  get waitingBytes (): number {
    return this.#piece?.length ?? this.#socket.readableLength
  }

  /** Waits until some have come; false when no more will. */
  async arrive (): Promise<boolean> {
    const socket = this.#socket
    while (this.#piece === undefined && socket.readableLength === 0) {
      // Asked for, or else neither bytes nor the end are told.
      socket.read()
      if (socket.readableEnded || socket.destroyed) return false
      await new Promise<void>(resolve => { this.#wake = resolve })
    }
    return true
  }

  /** True if some have come when the event loop has looked at the socket once more. */
  async hasMore (): Promise<boolean> {
    if (this.#piece !== undefined) return true
    await loopTurn()
    await loopTurn()
    return this.#socket.readableLength > 0
  }

  /** Takes what has come; the socket reads on after `done`. Undefined when it is closed. */
  take (): Buffer | undefined {
    const piece = this.#piece
    this.#piece = undefined
    this.#hold.hold()
    if (this.#socket.destroyed) return undefined
    return piece ?? this.#socket.read() as Buffer | null ?? undefined
  }

  /** Nothing of `piece`, which was taken, is used any more. */
  free (piece: Buffer): void {
    if (this.#inUse === undefined) freeMemory(piece)
    else this.close()
  }

  /** Reads on, unless `readNow` has read. */
  done (): void {
    if (this.#piece === undefined) this.#hold.release()
  }

  /** Lets go of memory. Safe twice. */
  close (): void {
    if (this.#inUse !== undefined) this.#memory.give(this.#inUse)
    this.#inUse = this.#piece = undefined
  }

  /** Reads what has come by now. False if nothing has; undefined if only the event loop can tell. */
  readNow (): boolean | undefined {
    const fd = this.#idleFd()
    if (fd < 0) return undefined
    const memory = this.#memory.take()
    let bytes = 0
    let hasCome
    try {
      bytes = readSync(fd, memory, 0, memory.length, null)
    } catch (error) {
      // Any other error the stream will tell, and so it will the end.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') hasCome = false
    }
    if (bytes === 0) {
      this.#memory.give(memory)
      return hasCome
    }
    this.#inUse = memory
    this.#piece = memory.subarray(0, bytes)
    return true
  }

  /** The number of the socket's file while nobody else reads it; -1 otherwise. Not in Node's documentation. */
  #idleFd (): number {
    const socket = this.#socket as Socket & { readonly _handle?: Handle | null, readonly encrypted?: boolean }
    const handle = socket._handle
    if (handle?.reading !== false || socket.encrypted === true || socket.readableLength > 0) return -1
    return handle.fd ?? -1
  }
}

interface Handle { readonly fd?: number, readonly reading?: boolean }
