import { createTraceLine, readTraceLine } from '../../formats/error-lines.ts'
import type { LogRecord } from '../../contracts/record.ts'
import { beginsWith } from './text.ts'

interface Held {
  /** What every record that begins with this group's first line begins with: the sender is in it. */
  first: Buffer
  lineCount: number
  numbers: readonly number[]
}

interface Incoming extends Held {
  readonly line: LogRecord
  readonly key: string
  isTaken: boolean
}

/**
 * Which lines a joined record was made of, learnt from outside: lines that went in, records that came out, and how many
 * lines each holds. The joiner's groups are known by the same key that it has, container, stream and sender.
 */
export class TraceNumbers {
  readonly #held = new Map<string, Held>()
  readonly #view = createTraceLine()
  #incoming: Incoming | undefined

  /** Notes a line that is about to be joined; `numbers` are its own, several where it was cut. */
  begin (line: LogRecord, numbers: readonly number[]): void {
    readTraceLine(line.bytes, line.start, line.end, this.#view)
    this.#incoming = {
      line,
      key: `${placeOf(line)}${this.#view.sender}`,
      first: line.bytes.subarray(line.start, this.#view.bodyEnd),
      lineCount: 1,
      numbers,
      isTaken: false,
    }
  }

  /** The joiner has returned: a line that did not come out of it is held. */
  end (): void {
    const incoming = this.#incoming
    this.#incoming = undefined
    if (incoming === undefined || incoming.isTaken) return
    const held = this.#held.get(incoming.key)
    if (held !== undefined) {
      held.lineCount++
      held.numbers = [...held.numbers, ...incoming.numbers]
    } else {
      const { key, first, numbers } = incoming
      this.#held.set(key, { first: Buffer.from(first), lineCount: 1, numbers })
    }
  }

  /** The numbers of the lines that `record`, which the joiner gives out, was made of; they are not held any longer. */
  take (record: LogRecord, lineCount: number): readonly number[] {
    const incoming = this.#incoming
    if (incoming?.line === record) {
      incoming.isTaken = true
      return incoming.numbers
    }
    const key = this.#groupOf(record)
    const held = key === undefined ? undefined : this.#held.get(key)
    if (key !== undefined) this.#held.delete(key)
    if (held?.lineCount === lineCount) return held.numbers
    if (incoming === undefined) return held?.numbers ?? []
    incoming.isTaken = true
    return [...held?.numbers ?? [], ...incoming.numbers]
  }

  #groupOf (record: LogRecord): string | undefined {
    const place = placeOf(record)
    let found: string | undefined
    let foundBytes = -1
    for (const [key, { first }] of this.#held) {
      if (!key.startsWith(place) || first.length <= foundBytes || !beginsWith(record, first)) continue
      found = key
      foundBytes = first.length
    }
    return found
  }
}

function placeOf ({ container, stream }: LogRecord): string {
  return `${container}\0${stream}\0`
}
