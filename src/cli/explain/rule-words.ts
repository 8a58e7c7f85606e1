import type { RuleSettings } from '../../config/rules/read-rules.ts'

/** A rule of the settings for people: its name, and each thing that it does. */
export interface OwnRuleWords {
  readonly name: string
  readonly actions: readonly string[]
}

export function wordsOfRule (rule: RuleSettings): OwnRuleWords {
  const { name, filter, sample, route, copyTo = [], level, add = {}, remove = [], rename = {}, mask = [] } = rule
  const actions = [
    filter === true ? 'filters' : '',
    sample === undefined ? '' : `keeps one of ${sample}`,
    route === undefined ? '' : `route ${route}`,
    some('copies to', copyTo),
    level === undefined ? '' : `level ${level}`,
    some('removes', remove),
    some('masks', mask),
    some('renames', Object.entries(rename).map(([from, to]) => `${from} to ${to}`)),
    some('adds', Object.keys(add)),
  ].filter(words => words !== '')
  return { name, actions: actions.length === 0 ? ['keeps it as it is'] : actions }
}

function some (verb: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${verb} ${names.join(', ')}`
}

// Tested in test/cli/explain.test.ts
