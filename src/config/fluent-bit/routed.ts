import type { Match } from '../rules/read-rules.ts'
import type { RoutePlan } from './copies.ts'
import type { Output } from './destinations.ts'
import { placeOf, type FilterContext } from './filter-context.ts'
import { passed, type Condition, type Flow } from './flows.ts'
import { allOf } from './grep.ts'
import { keyPlace, segmentsOf } from './keys.ts'
import { condition } from './line-rules.ts'
import { isAmong } from './lines.ts'
import { patternOfRuby } from './pattern.ts'
import { pluginOf, type Section } from './sections.ts'

/** Where outputs sent lines, where they go now, and a route to a place; all of them by `outputs.ts`. */
export interface Places {
  readonly then: (output: Output, flow: Flow) => string
  readonly now: (flow: Flow) => string
  /** undefined: the file does not say what the place is. */
  readonly routeTo: (plan: RoutePlan) => string | undefined
}

/** Lines that only a pattern chooses, and the outputs that took them, in the order in which Fluent Bit asks. */
interface Group {
  readonly flows: readonly Flow[]
  readonly outputs: readonly Output[]
  readonly places: readonly string[]
  /** Place of the first flow among all that arrive. */
  readonly at: number
}

/**
 * Makes rules of `rewrite_tag` and of stream tasks that send lines elsewhere by what they say: the first that matches
 * decides in both.
 *
 * @returns the flows that have a rule now
 */
export function carryRouted (context: FilterContext, outputs: readonly Output[], places: Places): ReadonlySet<Flow> {
  const carried = new Set<Flow>()
  const groups = groupsOf(context, outputs, places)
  const lost = new Set<Group>()
  let inOrder: readonly { readonly group: Group, readonly of: Group }[] = []
  for (const [index, group] of groups.entries()) {
    const isNeeded = (each: Group) => each.flows.some(flow => each.places.join() !== places.now(flow))
    const overlaps = (each: Group) => each.flows.some(flow => isAmong(group.flows, flow))
    if (!isNeeded(group) && !groups.slice(index + 1).some(each => isNeeded(each) && overlaps(each))) continue
    // Only one rule is asked, but a line that was copied went on to the next filter: what both took is asked for first.
    const before = inOrder.map(each => each.group)
      .filter(each => isCopy(each) && overlaps(each) && filterOf(each) !== filterOf(group))
    const both = new Map(before.map(each => [each, together(each, group)]))
    if (both.size > maxTogether || [...both.values()].includes(undefined)) {
      lost.add(group)
    } else {
      const found = inOrder.flatMap(each => {
        const one = both.get(each.group)
        return one === undefined ? [each] : [{ group: one, of: group }, each]
      })
      inOrder = [...found, { group, of: group }]
    }
  }
  for (const { group, of } of inOrder) {
    if (lost.has(of)) continue
    if (!carryGroup(context, group, places)) lost.add(of)
    else if (group === of) for (const flow of group.flows) carried.add(flow)
  }
  return carried
}

/** Each filter that copies doubles the rules. */
const maxTogether = 7

const isCopy = ({ flows: [flow] }: Group) => flow?.isCopy === true
const filterOf = ({ flows: [flow] }: Group) => flow?.by.at(-1)

/** The lines that two filters took, of which the first copied. undefined: one of them had a tag that the other gave. */
function together (first: Group, second: Group): Group | undefined {
  const isDirect = [...first.flows, ...second.flows].every(({ by }) => by.length === 1)
  const [{ conditions: asked } = { conditions: [] }] = first.flows
  if (!isDirect) return undefined
  return {
    flows: second.flows.filter(flow => isAmong(first.flows, flow))
      .map(flow => ({ ...flow, conditions: [...asked, ...flow.conditions] })),
    outputs: [...second.outputs, ...first.outputs],
    places: [...new Set([...second.places, ...first.places])],
    at: second.at,
  }
}

function groupsOf (
  { flows: { arrived } }: FilterContext, outputs: readonly Output[], places: Places
): readonly Group[] {
  const isKnown = ({ kind, section }: Output) => (kind === 's3' || kind === 'cloudwatch') && pluginOf(section) !== 'null'
  const known = outputs.filter(isKnown)
  const found = arrived.filter(({ conditions }) => conditions.length > 0).flatMap(flow => {
    const taking = known.filter(({ flows }) => flows.includes(flow))
    const to = [...new Set(taking.map(output => places.then(output, flow)))]
    return taking.length === 0 ? [] : [{ flow, taking, to }]
  })
  const wordsOf = ({ flow, to }: typeof found[number]) =>
    JSON.stringify([flow.conditions.map(({ where, pattern }) => [where, pattern]), flow.isCopy, to])
  return [...Map.groupBy(found, wordsOf).values()].map(each => ({
    flows: each.map(({ flow }) => flow),
    outputs: [...new Set(each.flatMap(({ taking }) => taking))],
    places: each[0]?.to ?? [],
    at: Math.min(...each.map(({ flow }) => arrived.indexOf(flow))),
  }))
}

function carryGroup (context: FilterContext, group: Group, places: Places): boolean {
  const { rules, gathered } = context
  const [first] = group.flows
  const [output] = group.outputs
  if (first === undefined || output === undefined) return false
  const when = allOf(first.conditions.map(each => askedOf(context, each, group.flows)))
  const where = first.conditions.at(-1)?.where ?? ''
  if (when === undefined || rules.refuses(group.flows, { when })) return false
  const from = placeOf(output.section)
  // Where they all go anyway needs no route.
  const [home] = new Set(group.flows.map(places.now))
  const isOne = group.flows.every(flow => places.now(flow) === home)
  const isHome = home !== undefined && isOne && group.places.includes(home)
  const isKept = first.isCopy || isHome
  const routeTo = (place: string) => {
    const of = group.outputs.find(each => group.flows.some(flow => places.then(each, flow) === place)) ?? output
    return places.routeTo({ output: of, lines: group.flows, from, place })
  }
  const [route, ...copies] = group.places.filter(place => !(isHome && place === home)).map(routeTo)
  const names = copies.flatMap(each => each ?? [])
  if (copies.length > names.length || (route === undefined && !isHome)) return false
  const target = route === undefined ? {} : isKept ? { copyTo: [route, ...names] } : { route, copyTo: names }
  const has = (filter: Section) => passed(context.sections, context.flows, filter, first)
  rules.route(group.flows, { when }, target, { has, at: group.at }, where)
  const rule = { where, section: '[FILTER] rewrite_tag', option: 'Rule' }
  if (first.conditions.some(({ key }) => key === 'log') && group.flows.some(flow => flow.class !== 'access')) {
    gathered.note('change', rule, 'a trace is one record here, and goes whole where one of its lines alone went')
  }
  if (first.conditions.some(({ key }) => key !== 'log')) {
    gathered.note('change', rule, 'here it holds for numbers too; in Fluent Bit it held for texts alone')
  }
  return true
}

/** A condition as a rule asks it; undefined where none can. */
function askedOf (
  context: FilterContext, { where, field, key, pattern: ruby }: Condition, flows: readonly Flow[]
): Match | undefined {
  const pattern = patternOfRuby(ruby)
  if (pattern === undefined || key === 'source' || key === 'container_name') return undefined
  if (key === 'log') return { line: condition(pattern) }
  const section = context.sections.find(({ entries }) => entries.some(entry => entry.where === where))
  const place = section === undefined || field === '' ? undefined : keyPlace(context, section, segmentsOf(field), flows)
  if (place?.kind !== 'paths' || place.paths.length !== 1) return undefined
  const [path = ''] = place.paths
  return { keys: { [path]: condition(pattern) } }
}

// Tested in test/config/fluent-bit/routed.test.ts
