import { countOf } from '../../telemetry/words.ts'
import type { Paint } from '../paint.ts'
import type { Destinations } from './destination.ts'
import type { Explanation } from './explainer.ts'
import { clip, printable } from './text.ts'

export interface RecordTextOptions extends Destinations {
  /** Columns of the terminal; undefined where nothing is cut. */
  readonly columns: number | undefined
  readonly paint: Paint
  /** What one of the numbers counts: `line`, or `record` of a capture. */
  readonly noun: 'line' | 'record'
  /** Whether the time of each record is shown: where it is none of now. */
  readonly showsTime: boolean
}

const labelColumns = 14
/** Lines of one value that a terminal shows. */
const maxShownLines = 12

const colours = { access: 'green', error: 'red', app: 'cyan', invalid: 'yellow' } as const
const shownFields = ['level', 'origin', 'module', 'code', 'kind', 'exception', 'client', 'referer', 'pool', 'pid',
  'channel', 'context', 'fingerprint'] as const

/** Says what became of a record, for people: a head, and one value a line behind its name. */
export function createRecordText (options: RecordTextOptions): (explanation: Explanation) => string {
  const { columns, paint } = options
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(20, columns - labelColumns)

  function row (label: string, value: string): string {
    const lines = value.split('\n')
    const shown = columns === undefined ? lines : lines.slice(0, maxShownLines)
    const more = lines.length - shown.length
    const texts = shown.map(line => clip(printable(line), room))
    if (more > 0) texts.push(paint('dim', `… ${countOf(more, 'more line')}`))
    return texts.map((text, index) => {
      const name = (index === 0 ? `  ${label}` : '').padEnd(labelColumns)
      return text === '' ? `${paint('dim', name.trimEnd())}\n` : `${paint('dim', name)}${text}\n`
    }).join('')
  }

  return explanation => {
    const { fields, route, isUnchanged, readBytes, lines } = explanation
    const { ownRule, copies } = explanation
    const rows = [row('read', explanation.read)]
    if (options.showsTime) rows.push(row('written', new Date(explanation.timeMs).toISOString()))
    if (ownRule !== undefined) rows.push(row('rule', `${ownRule.name}: ${ownRule.actions.join(', ')}`))
    if (explanation.invalidReason !== undefined) rows.push(row('invalid', explanation.invalidReason))
    if (explanation.repairs.length > 0) rows.push(row('repaired', explanation.repairs.join(', ')))
    if (explanation.redactions.length > 0) rows.push(row('redacted', explanation.redactions.join(', ')))
    for (const name of shownFields) if (fields?.[name] !== undefined) rows.push(row(name, fields[name]))
    if (fields?.file !== undefined) rows.push(row('file', `${fields.file}${fields.line === undefined ? '' : `:${fields.line}`}`))
    if (fields !== undefined && fields.message !== explanation.read) rows.push(row('message', fields.message))
    if (explanation.storm !== undefined) rows.push(row('storm', explanation.storm))
    if (copies.length > 0) rows.push(row('copies', copies.map(name => `${name} → ${options.wordsOf(name)}`).join('\n')))
    if (route !== undefined) {
      rows.push(row('route', `${route} → ${options.wordsOf(route)}`))
      const parts = options.deliveredOf(explanation)
      if (isUnchanged) rows.push(row('delivered', `as read, ${countOf(readBytes, 'byte')}`))
      else parts.forEach((part, index) => rows.push(row(lines.length > 1 ? `part ${index + 1}` : 'delivered', part)))
    }
    return `${head(explanation)}\n${rows.join('')}\n`
  }

  function head ({ numbers, isPart, class: name, rule, filter, stream, container }: Explanation): string {
    const joined = numbers.length > 1 ? `, ${numbers.length} joined` : ''
    const about = [`rule ${rule}`, stream, container].filter(word => word !== undefined && word !== '').join(', ')
    const colour = name === undefined ? 'dim' : colours[name]
    const word = filter === undefined ? paint(colour, name ?? '') : paint('yellow', `filtered by ${filter}`)
    const place = numbers.length === 0 ? 'made by Sluice' : `${options.noun}${numbers.length > 1 ? 's' : ''} ${rangesOf(numbers)}${joined}${isPart ? ', a part: too long for one record' : ''}`
    return `${paint('bold', place)}  ${word}  ${paint('dim', printable(about))}`
  }
}

/** `3-7, 9`. */
function rangesOf (numbers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([from, to]) => from === to ? String(from) : `${from}-${to}`).join(', ')
}

// Tested in test/cli/explain.test.ts
