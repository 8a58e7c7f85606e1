import { createPathFinder } from '../../bytes/json-members.ts'
import { parseCondition, type Condition } from '../../config/rules/conditions.ts'
import { keyField, matchFields, type MatchField, type MatchFieldName } from '../../config/rules/fields.ts'
import type { Match } from '../../config/rules/read-rules.ts'
import { streamNames } from '../../contracts/record.ts'
import { accessValue } from '../../formats/access-values.ts'
import type { ErrorFields } from '../../formats/fields.ts'
import { errorLevels } from '../../contracts/levels.ts'
import { numberAt } from '../../formats/line-number.ts'
import { compareBytes, compareText, comparison } from './compare.ts'
import type { RuleValues, Subject } from './subject.ts'

/** Whether a record is as a rule wants it. */
export type Predicate = (subject: Subject) => boolean

/** Compiles what a rule asks into a function that goes through it once, the cheapest first. */
export function compileMatch (match: Match, values: RuleValues): Predicate {
  const { keys = {}, ...fields } = match
  const names = order.filter(name => fields[name] !== undefined)
  const all = [
    ...names.map(name => fieldPredicate(name, fields[name] ?? [])),
    ...Object.entries(keys).map(([key, texts]) => keyPredicate(key, texts, values)),
  ]
  return subject => {
    for (const predicate of all) if (!predicate(subject)) return false
    return true
  }
}

/** What costs least stands first. */
const order: readonly MatchFieldName[] = ['class', 'source', 'container', 'status', 'method', 'path', 'client', 'bytes',
  'duration', 'query', 'host', 'referer', 'agent', 'level', 'channel', 'code', 'message', 'line']

function fieldPredicate (name: MatchFieldName, texts: readonly string[]): Predicate {
  const conditions = conditionsOf(matchFields[name], texts)
  switch (name) {
    case 'class': return subject => texts.includes(subject.recordClass)
    case 'source': return ({ line: { stream: from } }) => texts.includes(streamNames[from] ?? '')
    case 'container': return textPredicate(conditions, ({ line }) => line.container)
    case 'level': return levelPredicate(conditions)
    case 'channel': return textPredicate(conditions, ({ reading }) => reading?.fields.channel)
    case 'code': return textPredicate(conditions, ({ reading }) => reading?.fields.code)
    case 'message': return messagePredicate(conditions)
    case 'line': return bytesPredicate(conditions, subject => subject.findLine())
    case 'method': return bytesPredicate(conditions, subject => subject.findMethod())
    case 'path': return bytesPredicate(conditions, subject => subject.findPath())
    case 'query': return bytesPredicate(conditions, subject => subject.findQuery())
    case 'duration': return durationPredicate(conditions)
    case 'status':
    case 'bytes':
    case 'client':
    case 'agent':
    case 'host':
    case 'referer': {
      const slot = accessValue[name]
      return bytesPredicate(conditions, subject => subject.find(slot))
    }
  }
}

function keyPredicate (key: string, texts: readonly string[], { slotByKey }: RuleValues): Predicate {
  const conditions = conditionsOf(keyField, texts)
  const slot = slotByKey.get(key) ?? -1
  const number = [...slotByKey.keys()].indexOf(key)
  const ofLine = bytesPredicate(conditions, subject => subject.findKey(slot, number))
  // The fields of an error that is no JSON have names too.
  const ofError = textPredicate(conditions, ({ recordClass, reading }) =>
    recordClass === 'error' ? fieldText(reading?.fields, key) : undefined)
  if (!/[.[]/.test(key)) return subject => ofLine(subject) || ofError(subject)
  const finder = createPathFinder(key)
  const within = bytesPredicate(conditions, subject => subject.findWithin(finder))
  return subject => ofLine(subject) || ofError(subject) || within(subject)
}

function fieldText (fields: ErrorFields | undefined, key: string): string | undefined {
  if (fields === undefined || !Object.hasOwn(fields, key)) return undefined
  const value = fields[key as keyof ErrorFields]
  return value === undefined ? undefined : String(value)
}

function conditionsOf (field: MatchField, texts: readonly string[]): Condition[] {
  return texts.map(text => {
    const condition = parseCondition(field, text)
    // The settings were checked when they were read.
    if (condition.kind === 'mistake') throw new TypeError(`no condition: ${text}`)
    return condition
  })
}

function bytesPredicate (conditions: readonly Condition[], find: (subject: Subject) => boolean): Predicate {
  const compares = conditions.map(compareBytes)
  const [only] = compares
  if (only !== undefined && compares.length === 1) {
    return subject => find(subject) && only(subject.bytes, subject.start, subject.end)
  }
  return subject => {
    if (!find(subject)) return false
    for (const compare of compares) if (compare(subject.bytes, subject.start, subject.end)) return true
    return false
  }
}

function textPredicate (conditions: readonly Condition[], textOf: (subject: Subject) => string | undefined): Predicate {
  const compares = conditions.map(compareText)
  return subject => {
    const text = textOf(subject)
    if (text === undefined) return false
    for (const compare of compares) if (compare(text)) return true
    return false
  }
}

/** Of an error or a line of an application its message; of an access line all of it. */
function messagePredicate (conditions: readonly Condition[]): Predicate {
  const ofLine = bytesPredicate(conditions, subject => subject.findLine())
  const ofReading = textPredicate(conditions, ({ reading }) => reading?.fields.message)
  return subject => subject.reading === undefined ? ofLine(subject) : ofReading(subject)
}

function levelPredicate (conditions: readonly Condition[]): Predicate {
  const wanted = new Set(errorLevels.filter((level, index) => conditions.some(condition => {
    if (condition.kind === 'equal') return condition.text === level
    return condition.kind === 'compare' && comparison(condition.sign, condition.number)(index)
  })))
  return ({ reading }) => {
    const level = reading?.level
    return level !== undefined && wanted.has(level)
  }
}

function durationPredicate (conditions: readonly Condition[]): Predicate {
  const compares = conditions.map(condition => condition.kind === 'compare' ? comparison(condition.sign, condition.number) : () => false)
  return subject => {
    const seconds = subject.findDuration()
    const value = seconds === 0 ? -1 : numberAt(subject.bytes, subject.start, subject.end)
    if (value < 0) return false
    for (const compare of compares) if (compare(value * seconds * 1000)) return true
    return false
  }
}

// Tested in test/filter/rules/rules.test.ts
