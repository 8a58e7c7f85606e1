import type { Output } from './destinations.ts'
import { nameOf, placeOf, type FilterContext } from './filter-context.ts'
import type { Condition, Flow } from './flows.ts'
import { proposal, type Place } from './gathered.ts'
import { isAmong, isWhole, lineClasses, wordsOf, type Lines } from './lines.ts'
import { placeNow, placeThen } from './output-places.ts'
import { optionsOf, pluginOf, type Section } from './sections.ts'
import { statement } from './streams.ts'
import { anyContainer, matchesGlob } from './tags.ts'

/** Says of lines that reached an output, and go elsewhere now, where that is. */
export function tellWhatIsLeft (context: FilterContext, output: Output, excluded: ReadonlySet<Condition>): void {
  const { gathered, containers } = context
  const { section, kind, flows } = output
  const from = placeOf(section)
  // Meant for Sluice: Fluent Bit sent nothing there.
  if (pluginOf(section) === 'null' && kind !== 'none') return
  if (flows.length === 0) {
    gathered.leave(from, unreachedWords(context, section), proposedFor(output))
    return
  }
  const unconditional = flows.filter(({ conditions }) => conditions.length === 0)
  const elsewhere = flows.filter(flow => !flow.conditions.some(condition => excluded.has(condition)) &&
    (flow.conditions.length === 0 || !isAmong(unconditional, flow)) &&
    placeNow(context, flow) !== placeThen(context, output, flow))
  for (const [conditions, lines] of Map.groupBy(elsewhere, flow => conditionWords(flow.conditions))) {
    const byPlace = Map.groupBy(lines, each => placeNow(context, each))
    const words = [...byPlace].map(([place, each]) => `${wordsOf(each, containers)}${conditions} go to ${place} here`).join('; ')
    if (kind === 'none') tellNothing(context, from, lines, words)
    else if (kind === 'other') gathered.leave(from, `Sluice has no such destination: ${words}`)
    else gathered.leave(from, words)
  }
}

/** Lines that went nowhere. A container whose lines all did may have the plugin only because ECS wants one. */
function tellNothing (
  { gathered, containers }: FilterContext, from: Place, lines: readonly Flow[], words: string
): void {
  const whole = containers.filter(container => container !== anyContainer && isWhole(lines, container))
  const names = new Set(lines.map(({ container }) => container))
  if (whole.length === 1 && names.size === 1) {
    gathered.note('change', from, `${words}; \`containers.${whole[0] ?? ''}.exclude: ['^']\` leaves them out`)
  } else {
    gathered.leave(from, `went nowhere before: ${words}`)
  }
}

function unreachedWords ({ sections }: FilterContext, section: Section): string {
  const { match = '', match_regex: regex } = optionsOf(section)
  const tag = regex ?? match
  const input = sections.find(each => each.name === 'INPUT' && pluginOf(each) !== 'forward' && matchesGlob(optionsOf(each)['tag'] ?? pluginOf(each), match))
  if (input !== undefined) return `its lines come from [INPUT] ${pluginOf(input)} (${input.where}), which Sluice does not have: let the program write to its standard output`
  if (tag === '') return 'it has no Match, so no line reached it'
  return `nothing in this file makes the tag ${tag}: if a stream processor, another file or an option of the log driver does, fill in for which lines it is`
}

/** Settings of an output for whoever knows which lines it is for. */
function proposedFor ({ kind, options }: Output): readonly string[] {
  const { bucket, log_group_name: group, log_group_template: template } = options
  const name = kind === 's3' ? bucket : kind === 'cloudwatch' ? group ?? template : undefined
  if (name === undefined) return []
  const setting = kind === 's3' ? 'bucket' : 'logGroup'
  const words = kind === 's3' ? 'if it is for the lines of stdout' : 'if it is for the lines of stderr'
  return [proposal(setting, name, words), proposal(`containers.NAME.${setting}`, name, 'if it is for a container')]
}

/** Lines that no output took, of containers that have one for others. */
export function tellWhatHadNone (context: FilterContext, outputs: readonly Output[]): void {
  const { gathered, containers, flows } = context
  const isTaken = (lines: Lines) => outputs.some(output => isAmong(output.flows, lines))
  const partly = containers.filter(container => lineClasses.some(each => isTaken({ container, class: each })))
  const none = partly.flatMap(container => lineClasses.map(each => ({ container, class: each })))
    .filter(lines => !isTaken(lines))
  for (const [place, lines] of Map.groupBy(none, each => placeNow(context, each))) {
    const [filter] = [...flows.dropped].find(([, dropped]) => lines.some(each => isAmong(dropped, each))) ?? []
    const where = filter?.where ?? outputs[0]?.section.where ?? ''
    const section = filter === undefined ? '[OUTPUT]' : nameOf(filter)
    gathered.leave({ where, section, option: '' }, `no output took ${wordsOf(lines, containers)}; they go to ${place} here`)
  }
}

/** Lines of stdout that have a level of errors go where those of stderr do, which Fluent Bit knew nothing of. */
export function tellErrorsOfStdout (context: FilterContext, outputs: readonly Output[]): void {
  const { gathered, containers } = context
  const taking = (lines: Lines) => outputs.filter(({ flows }) =>
    isAmong(flows.filter(({ conditions }) => conditions.length === 0), lines))
  const placesOf = (lines: Lines) =>
    [...new Set(taking(lines).map(output => placeThen(context, output, lines)))].sort()
  const isMoved = (app: Lines) => {
    const error = { ...app, class: 'error' as const }
    return placesOf(app).join() !== placesOf(error).join() || !placesOf(app).includes(placeNow(context, error))
  }
  const lines = containers.map(container => ({ container, class: 'app' as const }))
    .filter(each => taking(each).length > 0 && isMoved(each))
  for (const [place, moved] of Map.groupBy(lines, ({ container }) => placeNow(context, { container, class: 'error' }))) {
    const [output] = moved.flatMap(taking)
    if (output === undefined) continue
    const from = placeOf(output.section)
    const words = wordsOf(moved.flatMap(each => [each, { ...each, class: 'access' }]), containers).replace('the lines', 'lines')
    gathered.note('change', from, `${words} that say a level of error or above (\`{"level_name":"CRITICAL"}\`, \`production.ERROR:\`, ` +
      `\`PHP Fatal error:\`), or are of the logs of Apache and php-fpm, are class error, so they go to ${place}, as those of stderr do; \`app.errorsFrom: off\` leaves them with the others of stdout`)
  }
}

/** Errors go to one place, whatever they say, where Fluent Bit sent those there that a pattern chose. */
export function tellOtherErrors (context: FilterContext, outputs: readonly Output[]): void {
  for (const output of outputs) {
    const now = output.flows.filter(flow => flow.class === 'error' && flow.conditions.length > 0 &&
      placeThen(context, output, flow) === placeNow(context, flow))
    const place = now[0] === undefined ? '' : placeNow(context, now[0])
    const isWhole = (each: Output) => now.some(flow => placeThen(context, each, flow) === place &&
      isAmong(each.flows.filter(({ conditions }) => conditions.length === 0), flow))
    const isThere = outputs.some(isWhole)
    if (place === '' || isThere) continue
    const words = [...new Set(now.map(flow => conditionWords(flow.conditions)))].join(' or ')
    context.gathered.note('change', placeOf(output.section),
      `${wordsOf(now, context.containers)} go to ${place} whatever they say; Fluent Bit sent those there${words}`)
  }
}

function conditionWords (conditions: readonly Condition[]): string {
  return conditions.map(({ key, pattern }) => {
    if (key === statement) return ` for which ${pattern} holds`
    return key === 'log' ? ` that match /${pattern}/` : ` whose ${key} matches /${pattern}/`
  }).join(' and')
}

// Tested in test/config/fluent-bit/translate.test.ts
