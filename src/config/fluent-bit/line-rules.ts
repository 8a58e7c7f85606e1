import { parseCondition } from '../rules/conditions.ts'
import { keyField, matchFieldNames, matchFields, type MatchField } from '../rules/fields.ts'
import type { RuleSettings } from '../rules/read-rules.ts'
import { hasVariable } from '../variables.ts'
import { actionsOf, applyEdit, noActions, withoutEmpty, type Actions, type Edit } from './edits.ts'
import { allPatterns, linearOf } from './linear.ts'
import { isAmong, type Lines } from './lines.ts'
import { both, scopesOf, stdoutScopes, type Asked } from './scopes.ts'
import type { Section } from './sections.ts'

/** A rule, and the lines of the file that it came from. */
export interface MadeRule { readonly rule: RuleSettings, readonly origin: string }

/** What is asked of which lines, and where the file says so. */
interface Question { readonly asked: Asked, readonly lines: readonly Lines[], readonly where: string }

interface Conditional extends Question { readonly edits: readonly Edit[] }

/** All that is done to a class of a container, and the places that say so. */
interface Cell { readonly lines: Lines, readonly actions: Actions, readonly origins: Set<string> }

/** Where lines go: to a route, and copies to others. */
export interface Target { readonly route?: string, readonly copyTo?: readonly string[] }

/** What a filter that leaves lines out asks of lines that others took: whether they were taken before it. */
export interface Taken {
  /** Whether these lines passed a filter, under whatever tag they had. */
  readonly has: (filter: Section) => boolean
  /** Their place among all that arrives. */
  readonly at: number
}

interface LeftOut extends Question { readonly isAfter: (taken: Taken) => boolean }
interface Routed extends Question, Taken { readonly target: Target, readonly actions: Actions }

/** Why something that asks a line for more cannot be a rule. */
export type NoRule = 'pattern' | 'combination'

/**
 * Collects what filters and outputs do with single classes of single containers, and makes rules of it. Since the first
 * rule that matches a line decides, those that leave lines out come first, and all that is done to one class of one
 * container is in one rule.
 */
export class LineRules {
  readonly #containers: readonly string[]
  readonly #leftOut: LeftOut[] = []
  readonly #cells = new Map<string, Cell>()
  readonly #conditional: Conditional[] = []
  readonly #edits: { readonly lines: readonly Lines[], readonly edit: Edit, readonly filter: Section }[] = []
  readonly #routed: Routed[] = []

  constructor (containers: readonly string[]) {
    this.#containers = containers
  }

  /** Leaves out those of the lines of which all that is asked holds. Says why not, where that is no rule. */
  leaveOut (
    lines: readonly Lines[], asked: Asked, where: string, isAfter: (taken: Taken) => boolean
  ): NoRule | undefined {
    if (!isUsable(asked)) return 'pattern'
    const scopes = scopesOf(lines, this.#containers).map(scope => both(scope, asked))
    if (scopes.some(scope => scope === undefined)) return 'combination'
    for (const scope of scopes) if (scope !== undefined) this.#leftOut.push({ lines, asked: scope, where, isAfter })
    return undefined
  }

  /** Changes the keys of the lines. */
  edit (lines: readonly Lines[], edit: Edit, filter: Section, where: string): void {
    for (const each of lines) applyEdit(this.#cell(each, where), edit)
    this.#edits.push({ lines, edit, filter })
  }

  /** Whether it can be no rule that lines of which all that is asked holds go elsewhere. */
  refuses (lines: readonly Lines[], asked: Asked): boolean {
    const isAskedTwice = this.#conditional.some(other => lines.some(each => isAmong(other.lines, each)))
    const scopes = stdoutScopes(lines, this.#containers)
    return isAskedTwice || !isUsable(asked) || scopes.some(scope => both(scope, asked) === undefined)
  }

  /**
   * Sends those of the lines elsewhere of which all that is asked holds.
   *
   * @param taken says which filters they passed, whose edits they have then
   */
  route (
    lines: readonly Lines[], asked: Asked, target: Target, taken: Taken, where: string
  ): void {
    const actions = noActions()
    for (const each of this.#edits) {
      if (taken.has(each.filter) && lines.some(line => isAmong(each.lines, line))) applyEdit(actions, each.edit)
    }
    this.#routed.push({ lines, asked, target, actions, where, ...taken })
  }

  /** Changes the keys of those of which all that is asked holds. */
  editSome (lines: readonly Lines[], asked: Asked, edits: readonly Edit[], where: string): NoRule | undefined {
    if (!isUsable(asked)) return 'pattern'
    const isAskedTwice = this.#conditional.some(other => lines.some(each => isAmong(other.lines, each)))
    const scopes = scopesOf(lines, this.#containers)
    if (isAskedTwice || scopes.some(scope => both(scope, asked) === undefined)) return 'combination'
    this.#conditional.push({ lines, asked, edits, where })
    return undefined
  }

  copy (lines: readonly Lines[], route: string, where: string): void {
    for (const each of lines) this.#cell(each, where).copyTo.push(route)
  }

  made (): readonly MadeRule[] {
    const made: MadeRule[] = []
    const add = (kind: string, asked: Asked, actions: Partial<RuleSettings>, origin: string) => {
      const name = `${kind}-${made.filter(({ rule }) => rule.name.startsWith(`${kind}-`)).length + 1}`
      const { when = {}, unless = {} } = asked
      made.push({ rule: { name, ...withoutEmpty({ when, unless }), ...actions }, origin })
    }
    const leaveOutAt = (index: number) => {
      for (const each of this.#leftOut) if (this.#placeOf(each) === index) add('grep', each.asked, { filter: true }, each.where)
    }
    for (const [index, { lines, asked, target: { route, copyTo = [] }, actions, where }] of this.#routed.entries()) {
      leaveOutAt(index)
      // Lines that stay where they are as well keep the copies that they have.
      const kept = route === undefined && copyTo.length > 0 ? this.#copiesOf(lines) : []
      const all = [...new Set([...copyTo, ...kept])]
      for (const scope of (route === undefined ? scopesOf : stdoutScopes)(lines, this.#containers)) {
        const to = route === undefined ? {} : { route }
        add('route', both(scope, asked) ?? asked, { ...to, ...actionsOf({ ...actions, copyTo: all }) }, where)
      }
    }
    leaveOutAt(this.#routed.length)
    for (const { lines, asked, edits, where } of this.#conditional) {
      for (const [words, each] of Map.groupBy(lines, line => JSON.stringify(this.#actionsOf(line)))) {
        const actions = JSON.parse(words) as Actions
        for (const edit of edits) applyEdit(actions, edit)
        for (const scope of scopesOf(each, this.#containers)) {
          add('modify', both(scope, asked) ?? asked, actionsOf(actions), where)
        }
      }
    }
    for (const [, cells] of Map.groupBy(this.#cells.values(), ({ actions }) => JSON.stringify(actions))) {
      const [{ actions } = { actions: noActions() }] = cells
      const origin = [...new Set(cells.flatMap(({ origins }) => [...origins]))].join(', ')
      const kind = actions.copyTo.length > 0 ? 'copy' : 'modify'
      const scopes = scopesOf(cells.map(({ lines }) => lines), this.#containers)
      for (const scope of scopes) add(kind, scope, actionsOf(actions), origin)
    }
    return made
  }

  /** Filters that leave lines out after others copied some of them, or that rules cannot ask behind those. */
  inexact (): readonly { readonly where: string, readonly of: string }[] {
    return this.#leftOut.flatMap(each => {
      const place = this.#placeOf(each)
      return this.#routed.filter((routed, index) => overlap(routed.lines, each.lines) &&
        (index < place ? routed.target.route === undefined : each.isAfter(routed)))
        .map(({ where }) => ({ where: each.where, of: where }))
    })
  }

  /** Before which of the rules that send lines elsewhere it is asked: behind those whose lines were taken before it. */
  #placeOf ({ lines, isAfter }: LeftOut): number {
    const first = this.#routed.findIndex(routed => overlap(routed.lines, lines) && !isAfter(routed))
    return first >= 0 ? first : this.#routed.findLastIndex(routed => overlap(routed.lines, lines)) + 1
  }

  #copiesOf (lines: readonly Lines[]): readonly string[] {
    return lines.flatMap(each => this.#actionsOf(each).copyTo)
  }

  #actionsOf (lines: Lines): Actions {
    return this.#cells.get(keyOf(lines))?.actions ?? noActions()
  }

  #cell (lines: Lines, where: string): Actions {
    const key = keyOf(lines)
    const cell = this.#cells.get(key) ?? { lines, actions: noActions(), origins: new Set<string>() }
    this.#cells.set(key, cell)
    cell.origins.add(where)
    return cell.actions
  }
}

function overlap (some: readonly Lines[], others: readonly Lines[]): boolean {
  return some.some(each => isAmong(others, each))
}

function keyOf ({ container, class: each }: Lines): string {
  return `${container} ${each}`
}

/** Whether rules can run the patterns, which must be linear, and YAML would not read variables in them. */
function isUsable ({ when = {}, unless = {} }: Asked): boolean {
  return [when, unless].every(match => {
    const { keys = {}, ...fields } = match
    const ofKeys = Object.values(keys).every(texts => texts.every(text => isCondition(keyField, text)))
    return ofKeys &&
      matchFieldNames.every(name => (fields[name] ?? []).every(text => isCondition(matchFields[name], text)))
  })
}

function isCondition (field: MatchField, text: string): boolean {
  return !hasVariable(text) && parseCondition(field, text).kind !== 'mistake'
}

/** A pattern as a condition of a rule. One that rules cannot run makes a condition that `isUsable` refuses. */
export function condition (pattern: string): readonly string[] {
  return [`~${linearOf(pattern) ?? pattern}`]
}

/** Two conditions that must both hold, of which each is one pattern. undefined: they are something else. */
export function bothConditions (one: readonly string[], other: readonly string[]): readonly string[] | undefined {
  const texts = [...one, ...other]
  const isPatterns = one.length === 1 && other.length === 1 && texts.every(text => text.startsWith('~'))
  const pattern = isPatterns ? allPatterns(texts.map(text => text.slice(1))) : undefined
  return pattern === undefined ? undefined : [`~${pattern}`]
}

// Tested in test/config/fluent-bit/line-rules.test.ts
