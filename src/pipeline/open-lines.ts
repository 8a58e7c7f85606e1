import { linePart, type LogRecord } from '../contracts/record.ts'

/** So many lines may go on in parts at once; of more, the oldest is forgotten. */
const maxOpenCount = 256

/** Keeps something of each line that goes on in parts, from its first part to its last. */
export class OpenLines<T> {
  readonly #open = new Map<string, T>()

  /** What was kept at the part before; undefined at the first part, and of a line that is one record. */
  before (record: LogRecord): T | undefined {
    return record.part === linePart.middle || record.part === linePart.last ? this.#open.get(keyOf(record)) : undefined
  }

  keep (record: LogRecord, value: T): void {
    if (record.part === linePart.whole) return
    const key = keyOf(record)
    // Set anew, it is the youngest. Of the others something may still be taken out: they stay.
    this.#open.delete(key)
    if (record.part === linePart.last) return
    this.#open.set(key, value)
    const [oldest = key] = this.#open.keys()
    if (this.#open.size > maxOpenCount) this.#open.delete(oldest)
  }
}

function keyOf ({ cutLine, container, stream }: LogRecord): string {
  return `${cutLine}\0${container}\0${stream}`
}
