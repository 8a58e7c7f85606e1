import type { Socket } from 'node:net'

const noBytes = Buffer.alloc(0)
/** Acks that a sender may leave unread, bytes, besides what the socket itself holds: some hundred KiB. */
const maxUnreadBytes = 16 * 1024

/**
 * Writes acks to a socket, one write at a time. What comes meanwhile is gathered: each write that waits takes many
 * times the memory of the acks in it.
 */
export class AckWriter {
  readonly #socket: Socket
  #unread: Buffer = noBytes

  constructor (socket: Socket) {
    this.#socket = socket
  }

  /** Besides what the socket itself holds. */
  get unreadBytes (): number { return this.#unread.length }

  /** False if the sender leaves too many unread. */
  write (acks: Buffer): boolean {
    if (!this.#socket.writable) return true
    if (this.#socket.writableLength === 0) {
      this.#socket.write(acks, () => this.#flush())
      return true
    }
    this.#unread = Buffer.concat([this.#unread, acks])
    return this.#unread.length <= maxUnreadBytes
  }

  /** Closes the socket when the sender has read what was written. */
  end (): void {
    this.#flush()
    if (this.#socket.writableLength === 0) this.#socket.destroy()
    else this.#socket.destroySoon()
  }

  #flush (): void {
    const unread = this.#unread
    this.#unread = noBytes
    if (unread.length > 0 && this.#socket.writable) this.#socket.write(unread, () => this.#flush())
  }
}

// Tested in test/sources/forward/server.test.ts
