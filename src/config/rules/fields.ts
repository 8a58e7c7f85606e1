import { errorLevels } from '../../contracts/levels.ts'
import { routeClasses } from '../../contracts/verdict.ts'

/** What a condition compares with: its values are read, suggested and explained by this. */
export type FieldKind = 'word' | 'text' | 'client' | 'number' | 'duration' | 'level'

export interface MatchField {
  readonly kind: FieldKind
  readonly doc: string
  /** Of a field of words. */
  readonly words?: readonly string[]
}

/** Everything that a rule may ask of a record, besides the keys of a JSON line. */
export const matchFields = {
  class: { kind: 'word', words: routeClasses, doc: 'Class of the record.' },
  container: { kind: 'text', doc: 'Name of the container.' },
  source: { kind: 'word', words: ['stdout', 'stderr'], doc: 'Stream that the container wrote to.' },
  level: { kind: 'level', doc: 'Level of an error, or of a line of JSON.' },
  channel: { kind: 'text', doc: 'Channel of Monolog.' },
  code: { kind: 'text', doc: 'Code of an error: `AH00124`, or the id of a rule of ModSecurity.' },
  message: { kind: 'text', doc: 'Message of an error or of a line of JSON; else the whole line.' },
  line: { kind: 'text', doc: 'The whole line or trace, as it is delivered without these rules.' },
  method: { kind: 'text', doc: 'Method of the request.' },
  path: { kind: 'text', doc: 'Path of the request, without its query.' },
  query: { kind: 'text', doc: 'Query of the request, without its question mark.' },
  status: { kind: 'number', doc: 'Status of the response.' },
  bytes: { kind: 'number', doc: 'Length of the response.' },
  duration: { kind: 'duration', doc: 'How long the request took.' },
  client: { kind: 'client', doc: 'Address of the client.' },
  agent: { kind: 'text', doc: 'User agent.' },
  host: { kind: 'text', doc: 'Virtual host.' },
  referer: { kind: 'text', doc: 'Referer.' },
} as const satisfies Readonly<Record<string, MatchField>>
export type MatchFieldName = keyof typeof matchFields

/** Of a key of a line, which is JSON. */
export const keyField: MatchField = { kind: 'text', doc: '' }

export const matchFieldNames = Object.keys(matchFields) as MatchFieldName[]

/** What the values of a field may be, in words. */
export function fieldWords ({ kind, words = [] }: MatchField): string {
  switch (kind) {
    case 'word': return words.map(word => `\`${word}\``).join(', ')
    case 'level': return `${errorLevels.map(name => `\`${name}\``).join(', ')}, or as bad as one: \`>=warn\``
    case 'number': return 'a number, `4*`, or a comparison: `>=500`'
    case 'duration': return 'a comparison with a duration: `>2s`'
    case 'client': return 'an address, a network as `10.0.0.0/8`, a text with `*`, or `~` and a regular expression'
    case 'text': return 'a text, in which `*` stands for anything, a comparison with a number as `>10`, or `~` and a regular expression that runs in linear time'
  }
}

// Tested in test/config/rules/rules.test.ts
