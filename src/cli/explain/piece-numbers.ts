import type { LogRecord } from '../../contracts/record.ts'
import { beginsWith } from './text.ts'

/** How much of a piece is kept, bytes. */
const headBytes = 256

interface Piece {
  readonly ordinal: number
  readonly lengthBytes: number
  /** Its first bytes: two lines that are open at a time may be of the same length. */
  readonly head: Buffer
  readonly numbers: readonly number[]
}

/** Which pieces a joined line was made of, learnt from outside: pieces that went in, lines that came out. */
export class PieceNumbers {
  /** By container, stream and id; in order of their ordinals. */
  readonly #held = new Map<string, Piece[]>()
  /** The key of the line that the piece noted last belongs to, and that piece. */
  #latest = ''
  #latestPiece: Piece | undefined

  /** Notes a piece that is about to be joined. */
  note ({ container, stream, partial, bytes, start, end }: LogRecord, number: number): void {
    const place = `${container}\0${stream}\0`
    this.#latest = `${place}${partial?.id ?? ''}`
    const ordinal = partial?.ordinal ?? 1
    const pieces = this.#held.get(this.#latest) ?? []
    const others = pieces.filter(piece => piece.ordinal !== ordinal)
    // A piece that was sent again counts with the first.
    const again = pieces.find(piece => piece.ordinal === ordinal)?.numbers ?? []
    const head = Buffer.from(bytes.subarray(start, Math.min(end, start + headBytes)))
    const piece = { ordinal, lengthBytes: end - start, head, numbers: [...again, number] }
    this.#latestPiece = piece
    this.#held.set(this.#latest, [...others, piece].sort((one, other) => one.ordinal - other.ordinal))
  }

  /** Forgets the piece noted last, which the joiner did not keep: the line that it belongs to is gone. */
  forgetLatest (): void {
    const pieces = this.#held.get(this.#latest)?.filter(piece => piece !== this.#latestPiece)
    // One that came again within its line stays: the first of the two is held.
    if (pieces === undefined || (this.#latestPiece?.numbers.length ?? 0) > 1) return
    if (pieces.length === 0) this.#held.delete(this.#latest)
    else this.#held.set(this.#latest, pieces)
  }

  /** The numbers of the pieces that `line` was made of; they are not held any longer. */
  take (line: LogRecord): readonly number[] {
    const { container, stream, start, end } = line
    const place = `${container}\0${stream}\0`
    const keys = [...this.#held.keys()].filter(key => key.startsWith(place))
    // The line that the latest piece belongs to, else the oldest: as bounds end them.
    const ordered = [...keys.filter(key => key === this.#latest), ...keys.filter(key => key !== this.#latest)]
    for (const key of ordered) {
      const pieces = this.#held.get(key) ?? []
      const count = countOfLength(pieces, end - start)
      if (count === 0 || pieces[0] === undefined || !beginsWith(line, pieces[0].head)) continue
      if (count === pieces.length) this.#held.delete(key)
      else this.#held.set(key, pieces.slice(count))
      return pieces.slice(0, count).flatMap(({ numbers }) => numbers)
    }
    return []
  }
}

/** How many pieces at the front have this length together; as many as possible, for the last may be empty. 0: none. */
function countOfLength (pieces: readonly Piece[], lengthBytes: number): number {
  let sum = 0
  let count = 0
  for (const [index, piece] of pieces.entries()) {
    sum += piece.lengthBytes
    if (sum === lengthBytes) count = index + 1
  }
  return count
}
