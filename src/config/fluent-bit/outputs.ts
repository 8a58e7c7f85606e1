import { changesOf } from './changes.ts'
import { chooseFor, wanted, type Choice, type Choices, type Output } from './destinations.ts'
import { copyTo, routeName, type RoutePlan } from './copies.ts'
import { placeOf, type FilterContext } from './filter-context.ts'
import { carryPattern } from './grep.ts'
import type { Condition, Flow } from './flows.ts'
import { proposal, type Place } from './gathered.ts'
import { healthTag } from './inputs.ts'
import { isAmong, wordsOf, type LineClass, type Lines } from './lines.ts'
import { everywhere, meaningOf, outputs as knownOutputs, type Said, type SettingName } from './options.ts'
import { tellErrorsOfStdout, tellOtherErrors, tellWhatHadNone, tellWhatIsLeft } from './output-notes.ts'
import { placeNow, placeThen } from './output-places.ts'
import { patternOfRuby } from './pattern.ts'
import { carryRouted } from './routed.ts'
import { optionsOf, pluginOf, type Entry, type Section } from './sections.ts'
import { anyContainer, takes } from './tags.ts'
import type { Naming } from './templates.ts'

export interface OutputContext extends FilterContext {
  /** Fields that the file adds to each record. */
  readonly records: ReadonlyMap<string, string>
}

/** Carries the outputs over: which lines reach which of them decides for which container its settings are. */
export function translateOutputs (context: OutputContext): void {
  const outputs = context.sections.filter(({ name }) => name === 'OUTPUT').flatMap(section => outputsOf(context, section))
  const excluded = excludePatterns(context, outputs)
  const shared = chooseFor(anyContainer, outputs)
  carryScope(context, undefined, shared)
  for (const container of context.containers) {
    if (container === anyContainer) continue
    const own = chooseFor(container, outputs)
    const different = new Map([...own].filter(([each, choice]) => shared.get(each)?.output !== choice.output))
    carryScope(context, container, different)
  }
  const routes = new Map<string, string>()
  const routeTo = (plan: RoutePlan) => routes.get(plan.place) ?? carryRoute(context, plan, routes)
  const copied = carryCopies(context, outputs, shared, routeTo)
  const routed = carryRouted(context, outputs, {
    then: (output, flow) => placeThen(context, output, flow), now: flow => placeNow(context, flow), routeTo,
  })
  const taken = new Set(outputs.filter(({ kind }) => kind !== 'none').flatMap(({ flows }) => flows))
  for (const output of outputs) {
    const flows = output.kind === 'none'
      ? output.flows.filter(flow => !taken.has(flow))
      : output.flows.filter(flow => !isAmong(copied.get(output) ?? [], flow) && !(routed.has(flow) && output.kind !== 'other'))
    if (flows.length > 0 || output.flows.length === 0) tellWhatIsLeft(context, { ...output, flows }, excluded)
  }
  tellErrorsOfStdout(context, outputs)
  tellOtherErrors(context, outputs)
  tellWhatHadNone(context, outputs)
}

/** Options of `null` are meant for Sluice: one output becomes those that its options name. */
function outputsOf ({ flows }: OutputContext, section: Section): Output[] {
  const options = optionsOf(section)
  const plugin = pluginOf(section)
  if (plugin === 'null' && options['match'] === healthTag) return []
  const reaching = flows.arrived.filter(flow => takes(section, flow.tag))
  const base = { section, plugin, options, flows: reaching }
  if (plugin !== 'null') return [{ ...base, kind: plugin === 's3' ? 's3' : knownOutputs.has(plugin) ? 'cloudwatch' : 'other' }]
  const kinds = [...('bucket' in options ? ['s3' as const] : []), ...('log_group_name' in options || 'log_group_template' in options ? ['cloudwatch' as const] : [])]
  return kinds.length === 0 ? [{ ...base, kind: 'none' }] : kinds.map(kind => ({ ...base, kind, plugin: kind }))
}

/** Lines that a rule on the line sends to nothing but `null` are those that a pattern leaves out. */
function excludePatterns (context: OutputContext, outputs: readonly Output[]): ReadonlySet<Condition> {
  const excluded = new Set<Condition>()
  const sent = (flow: Flow) => outputs.filter(({ flows }) => flows.includes(flow))
  const decided = context.flows.arrived.filter(({ conditions }) => conditions.length === 1)
  for (const [where, flows] of Map.groupBy(decided, ({ conditions: [condition] }) => condition?.where ?? '')) {
    const [{ conditions: [condition] } = { conditions: [] }] = flows
    const isNowhere = flows.every(flow => sent(flow).every(({ kind }) => kind === 'none') && !flow.isCopy)
    if (condition?.key !== 'log' || !isNowhere) continue
    const from = { where, section: '[FILTER] rewrite_tag', option: 'Rule' }
    const whole = flows.map(flow => ({ ...flow, conditions: [] }))
    const { arrived } = context.flows
    const at = Math.min(...flows.map(flow => arrived.indexOf(flow)))
    // A line that an earlier rule took elsewhere did not come so far.
    const isElsewhere = (flow: Flow) => flow.conditions.length > 0 && sent(flow).some(({ kind }) => kind !== 'none')
    const isBypassed = arrived.slice(0, at).some(flow => isAmong(flows, flow) && isElsewhere(flow))
    carryPattern(context, { word: 'exclude', pattern: patternOfRuby(condition.pattern), flows: whole, from, isAfter: taken => taken.at < at, isBypassed })
    for (const flow of flows) for (const each of flow.conditions) excluded.add(each)
  }
  return excluded
}

/** Sets what the outputs of a container say, or of all. Of each kind the first counts: Sluice has one of each. */
function carryScope (context: OutputContext, container: string | undefined, choices: Choices): void {
  const claimed = new Map<Output['kind'], Output>()
  // The class that a kind is for names its destination first.
  const isFor = ([each, { output }]: readonly [LineClass, Choice]) => wanted[each] === output.kind
  const ordered = [...choices].sort((one, other) => Number(isFor(other)) - Number(isFor(one)))
  for (const [each, choice] of ordered) {
    const { output: { kind } } = choice
    const first = claimed.get(kind)
    if (first === undefined) carryOptions(context, container === undefined ? '' : `containers.${container}`, choice)
    claimed.set(kind, first ?? choice.output)
    if (container !== undefined || isFor([each, choice])) continue
    const from = placeOf(choice.output.section)
    context.gathered.set(`routes.${each}.to`, kind === 's3' ? 's3' : 'cloudwatch', from)
  }
}

/**
 * Lines that went to more than one place: copies of them go to the others.
 *
 * @returns which lines of which outputs do
 */
function carryCopies (
  context: OutputContext, outputs: readonly Output[], shared: Choices, routeTo: (plan: RoutePlan) => string | undefined
): ReadonlyMap<Output, readonly Lines[]> {
  const { gathered } = context
  const plans = outputs.flatMap((output): RoutePlan[] => {
    const { kind, section, flows } = output
    if ((kind !== 's3' && kind !== 'cloudwatch') || pluginOf(section) === 'null') return []
    const whole = flows.filter(({ conditions }) => conditions.length === 0)
    const lines = whole.filter(flow => placeNow(context, flow) !== placeThen(context, output, flow))
    const from = placeOf(section)
    const byPlace = Map.groupBy(lines, line => placeThen(context, output, line))
    return [...byPlace].map(([place, each]) => ({ output, place, lines: each, from }))
  })
  const copied = new Map<Output, readonly Lines[]>()
  for (const plan of plans) {
    const { output, lines, from } = plan
    const isOfErrors = shared.get('access')?.output === output && wordsOf(lines, context.containers) === 'the lines of stderr of all containers'
    if (isOfErrors && gathered.textOf('bucket') === output.options['bucket']) {
      gathered.set('error.copyToS3', 'true', from)
    } else {
      const route = routeTo(plan)
      if (route === undefined) continue
      copyTo(context, plan, route)
    }
    copied.set(output, [...copied.get(output) ?? [], ...lines])
  }
  return copied
}

/** A route with the destination of the output. undefined, if the file does not say what its bucket or group is. */
function carryRoute (
  context: OutputContext, { output, place, lines, from }: RoutePlan, routes: Map<string, string>
): string | undefined {
  const { gathered } = context
  const flow = output.flows.find(each => isAmong(lines, each))
  const name = routeName(place.replace(/^the log group /, ''), new Set(routes.values()))
  const path = `routes.${name}`
  if (flow === undefined) return undefined
  carryOptions(context, path, { output, flow })
  const destination = `${path}.${output.kind === 's3' ? 'bucket' : 'logGroup'}`
  if (gathered.values.has(destination)) {
    gathered.set(`${path}.to`, output.kind === 's3' ? 's3' : 'cloudwatch', from)
    routes.set(place, name)
    return name
  }
  for (const each of [gathered.values, gathered.open]) for (const key of each.keys()) if (key.startsWith(`${path}.`)) each.delete(key)
  return undefined
}

/** @param scope path of the settings: of a container, of a route, or empty for those of all */
function carryOptions (context: OutputContext, scope: string, { output, flow }: Choice): void {
  const { gathered, records } = context
  const { section, plugin, options, kind } = output
  const naming: Naming = { tag: flow.tag, container: flow.container, records }
  for (const entry of section.entries) {
    const from = placeOf(section, entry)
    const word = entry.key.toLowerCase()
    if (word === 'name' || word === 'match' || word === 'match_regex') continue
    const meaning = meaningOf(plugin, word)
    // An output of `null` has the options of both kinds.
    if (meaning === undefined && pluginOf(section) === 'null' && [...knownOutputs.keys()].some(name => meaningOf(name, word) !== undefined)) continue
    const said: Said = meaning?.(entry.value, { options, naming }) ?? { kind: 'left' }
    carryOption(context, said, { scope, kind, from, entry })
  }
  if (pluginOf(section) === 'null' || (kind !== 's3' && kind !== 'cloudwatch')) return
  for (const change of changesOf(kind, options)) gathered.note('change', placeOf(section), change)
}

interface Carried {
  readonly scope: string
  readonly kind: Output['kind']
  readonly from: Place
  readonly entry: Entry
}

function carryOption ({ gathered }: OutputContext, said: Said, { scope, kind, from, entry }: Carried): void {
  const { value: written, filled } = entry
  switch (said.kind) {
    case 'set':
      if (said.value !== '') gathered.set(pathOf(said.setting, scope, kind), said.value, from, filled)
      for (const change of said.changes ?? []) gathered.note('change', from, change)
      return
    case 'within': {
      const isQuota = scope.startsWith('routes.') && said.path.startsWith('routes.')
      return gathered.setWithin(isQuota ? `${scope}.maxBytes` : said.path, said.value, from, written)
    }
    case 'change': return gathered.note('change', from, said.words)
    case 'nothing': return said.words === undefined ? undefined : gathered.note('nothing', from, said.words)
    case 'fill': {
      const path = pathOf(said.setting, scope, kind)
      if (said.until !== undefined) gathered.set(path, said.until, from, filled)
      return gathered.leave(from, said.words, [proposal(path, said.value)])
    }
    case 'left': return gathered.leave(from, said.words)
  }
}

function pathOf (setting: SettingName, scope: string, kind: Output['kind']): string {
  if (scope !== '') return `${scope}.${setting}`
  if (setting === 'region') return kind === 's3' ? 's3.region' : 'cloudwatch.region'
  return everywhere[setting]
}

// Tested in test/config/fluent-bit/translate.test.ts
