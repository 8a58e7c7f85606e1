import type { Socket } from 'node:net'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { ReadHold } from './read-hold.ts'

/** Reads a socket piece by piece, and nothing ahead of the piece that is being dealt with. */
export class SocketPieces {
  readonly #socket: Socket
  readonly #hold: ReadHold
  /** Called when the socket has something to tell. */
  #wake: () => void = () => undefined

  constructor (socket: Socket) {
    this.#socket = socket
    this.#hold = new ReadHold(socket)
    for (const event of ['readable', 'end', 'close']) socket.on(event, () => this.#wake())
  }

  /** Bytes that have come and not been taken. */
  get waitingBytes (): number {
    return this.#socket.readableLength
  }

  /** Waits until some have come; false when no more will. */
  async arrive (): Promise<boolean> {
    const socket = this.#socket
    while (socket.readableLength === 0) {
      // Asked for, or else neither bytes nor the end are told.
      socket.read()
      if (socket.readableEnded || socket.destroyed) return false
      await new Promise<void>(resolve => { this.#wake = resolve })
    }
    return true
  }

  /** True if some have come when the event loop has looked at the socket once more. */
  async hasMore (): Promise<boolean> {
    await loopTurn()
    await loopTurn()
    return this.#socket.readableLength > 0
  }

  /** Takes what has come; the socket reads on after `done`. Undefined when it is closed. */
  take (): Buffer | undefined {
    this.#hold.hold()
    return this.#socket.destroyed ? undefined : this.#socket.read() as Buffer | null ?? undefined
  }

  done (): void {
    this.#hold.release()
  }
}

// Tested in test/sources/forward/server.test.ts
