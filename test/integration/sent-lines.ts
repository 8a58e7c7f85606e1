import type { SentRecord } from '../support/forward-frames.ts'

export type RecordClass = 'access' | 'error' | 'app' | 'invalid'

export const shapes = ['access', 'brokenAccess', 'json', 'app', 'error', 'unnamed', 'structured', 'empty'] as const
export type Shape = typeof shapes[number]
export const pieceShapes = ['access', 'app', 'error'] as const

/** One record as it was sent: a line, or a piece of one. */
export interface Unit {
  readonly id: number
  readonly text: string
  /** Where it may come out: a piece of an access line is one of `app` when the others are missing. */
  readonly classes: readonly RecordClass[]
  readonly container: string
  readonly record: SentRecord
  /** The line that it is a piece of; its own id when it is whole. */
  readonly lineId: number
  readonly isEmpty: boolean
  readonly isPiece: boolean
  sentCount: number
  /** Sent in a chunk that was acked. */
  isAcked: boolean
}

export interface Pieces {
  readonly shape: typeof pieceShapes[number]
  readonly count: number
  readonly pieceBytes: number
  readonly endsEmpty: boolean
}

interface From { readonly container: string, readonly timeMs: number }

/** Every record that was sent, each with a mark `<id>` in its text by which it is known again wherever it comes out. */
export class SentLines {
  readonly #units = new Map<number, Unit>()

  get units (): Iterable<Unit> { return this.#units.values() }
  get sentCount (): number { return [...this.units].reduce((sum, { sentCount }) => sum + sentCount, 0) }

  whole (shape: Shape, paddingBytes: number, from: From): Unit {
    const mark = `<${this.#units.size}>`
    const padding = 'x'.repeat(paddingBytes)
    const fields: Record<string, string> = { container_name: `/${from.container}` }
    const add = (text: string, classes: readonly RecordClass[], log = text) =>
      this.#add({ text, log, classes, fields, from })
    switch (shape) {
      case 'access':
        return add(`{"status":200,"path":"/${mark}","pad":"${padding}"}`, ['access']).of('stdout')
      case 'brokenAccess':
        return add(`{"status":200,"path":"/${mark}","agent":"A${padding}"}`, ['access'],
          `{"status":200,"path":"/${mark}","agent":"\\x41${padding}"}`).of('stdout')
      case 'json':
        return add(`{"level":"info","note":"${mark}${padding}"}`, ['app']).of('stdout')
      case 'app':
        return add(`${mark} plain "text" ${padding}`, ['app']).of('stdout')
      case 'error':
        return add(`[error] ${mark}\nStack trace:\n#0 ${padding}`, ['error']).of('stderr')
      case 'unnamed':
        return add(`${mark} of no stream ${padding}`, ['app']).of(undefined)
      case 'structured':
        fields['source'] = 'stdout'
        fields['note'] = mark + padding
        return add(JSON.stringify(fields), ['app']).asItIs()
      case 'empty':
        return add('', []).of('stdout')
    }
  }

  /** A line cut in `count` pieces, as Docker cuts: in order, the last one perhaps empty. */
  pieces ({ shape, count, pieceBytes, endsEmpty }: Pieces, from: From): Unit[] {
    const lineId = this.#units.size
    return Array.from({ length: count }, (_, index) => {
      const isLast = index === count - 1
      const mark = `<${this.#units.size}>${'y'.repeat(pieceBytes)}`
      const jsonStart = shape === 'access' && index === 0 ? '{"status":200,"path":"/' : ''
      const jsonEnd = shape === 'access' && isLast ? '"}' : ''
      const text = isLast && index > 0 && endsEmpty ? jsonEnd : `${jsonStart}${mark}${jsonEnd}`
      const fields: Record<string, string> = {
        container_name: `/${from.container}`,
        partial_message: 'true',
        partial_id: lineId.toString(16).padStart(64, '0'),
        partial_ordinal: String(index + 1),
        partial_last: String(isLast),
      }
      const classes: readonly RecordClass[] = shape === 'access' ? ['access', 'app', 'invalid'] : [shape]
      return this.#add({ text, log: text, classes, fields, from, lineId }).of(shape === 'error' ? 'stderr' : 'stdout')
    })
  }

  /** What is wrong with a delivered text; undefined when it is one that was sent, or pieces of one in their order. */
  wrongWith (
    text: string, found: RecordClass, container: string | undefined, count: (unit: Unit) => void
  ): string | undefined {
    const ids = [...text.matchAll(/<(\d+)>/g)].map(([, id]) => Number(id))
    // The end of a line whose other pieces are missing has no mark.
    if (ids.length === 0) return /^(?:\(\d+\/\d+\) )?"\}$/.test(text) ? undefined : 'a line that nobody sent'
    // The parts of a line that is longer than a line may be are numbered.
    let rest = found === 'error' ? text.replace(/^\(\d+\/(?:\d+|…)\) /, '') : text
    let lastId = -1
    for (const id of ids) {
      // Several lines of standard error may become one record.
      if (found === 'error' && rest.startsWith('\n')) {
        rest = rest.slice(1)
        lastId = -1
      }
      const unit = this.#units.get(id)
      if (unit === undefined || !rest.startsWith(unit.text)) return 'other bytes than were sent'
      if (!unit.classes.includes(found)) return `delivered as ${found}, expected ${unit.classes.join(' or ')}`
      if (container !== undefined && unit.container !== container) return 'delivered as of another container'
      if (lastId >= 0 && (id <= lastId || unit.lineId !== this.#units.get(lastId)?.lineId)) return 'pieces of different lines'
      rest = rest.slice(unit.text.length)
      lastId = id
      count(unit)
    }
    return rest === '' || rest === '"}' ? undefined : 'more bytes than were sent'
  }

  #add ({ text, log, classes, fields, from, lineId }: {
    /** As it is delivered, and as it was sent. */
    readonly text: string
    readonly log: string
    readonly classes: readonly RecordClass[]
    readonly fields: Readonly<Record<string, string>>
    readonly from: From
    readonly lineId?: number
  }) {
    const id = this.#units.size
    const keep = (all: Readonly<Record<string, string>>): Unit => {
      const unit = {
        id,
        text,
        classes,
        container: from.container,
        record: { timeMs: from.timeMs, fields: all },
        lineId: lineId ?? id,
        isEmpty: !text.includes('<'),
        isPiece: lineId !== undefined,
        sentCount: 0,
        isAcked: false,
      }
      this.#units.set(id, unit)
      return unit
    }
    return {
      asItIs: () => keep(fields),
      of: (source: 'stdout' | 'stderr' | undefined) => keep({ ...fields, log, ...(source && { source }) }),
    }
  }
}
