import { sharesOf, streamOf, lineClasses, type Lines, type Share } from './lines.ts'
import { fieldName, halves, optionsOf, pluginOf, type Section } from './sections.ts'
import { streamTasks, type StreamTask } from './streams.ts'
import { anyTask, dockerNames, matchesGlob, regexOf, tagOf, takes, unknownPart } from './tags.ts'

/** What only the content of a line decides: that it matches a pattern. */
export interface Condition {
  /** `file:line` */
  readonly where: string
  readonly key: string
  /** The key as it is written: `$a['b']`. Empty: it is none. */
  readonly field: string
  readonly pattern: string
  /** The pattern, or the tag that it gives, speaks of errors. */
  readonly isOfErrors: boolean
}

/** Lines of a class of a container on their way, with the tag that they have. */
export interface Flow extends Lines {
  readonly tag: string
  /** Only these lines of them: those that match all of these. */
  readonly conditions: readonly Condition[]
  /** The same lines go on under another tag too. */
  readonly isCopy: boolean
  /** Filters and tasks that gave the lines their tag. */
  readonly by: readonly (Section | StreamTask)[]
}

export interface Flows {
  /** Behind all filters. */
  readonly arrived: readonly Flow[]
  /** What reaches each filter, before it. */
  readonly reached: ReadonlyMap<Section, readonly Flow[]>
  /** What each filter leaves out whole. */
  readonly dropped: ReadonlyMap<Section, readonly Flow[]>
}

/** More than any real configuration makes. A tag that a stream task makes again and again ends here. */
const maxSteps = 2000

/** Follows the lines of each container through the filters, as Fluent Bit does: a line with a new tag begins anew. */
export function followTags (sections: readonly Section[], containers: readonly string[]): Flows {
  const filters = sections.filter(({ name }) => name === 'FILTER')
  const tasks = streamTasks(sections)
  const arrived: Flow[] = []
  const reached = new Map<Section, Flow[]>()
  const dropped = new Map<Section, Flow[]>()
  let steps = 0

  function follow (start: Flow): void {
    if (++steps > maxSteps) return
    const flow = throughFilters(start)
    if (flow === undefined) return
    arrived.push(flow)
    for (const task of tasks) {
      if (flow.by.includes(task) || !takesTask(task, flow)) continue
      const conditions = task.conditions.map(each => ({ ...each, share: shareOf(each.key, each.pattern, flow) }))
      if (conditions.some(({ share }) => share === 'none')) continue
      const open = conditions.filter(({ share }) => share === 'some')
        .map(({ key, pattern }) => conditionOf(task.where, key, pattern, task.tag))
      const by = [...flow.by, task]
      follow({ ...flow, tag: task.tag, conditions: [...flow.conditions, ...open], isCopy: true, by })
    }
  }

  function throughFilters (start: Flow): Flow | undefined {
    let flow = start
    for (const filter of filters) {
      if (!takes(filter, flow.tag)) continue
      add(reached, filter, flow)
      const plugin = pluginOf(filter)
      if (plugin === 'grep' && isLeftOut(filter, flow)) {
        add(dropped, filter, flow)
        return undefined
      }
      if (plugin !== 'rewrite_tag' || flow.by.includes(filter)) continue
      const rest = retag(filter, flow)
      if (rest === undefined) return undefined
      flow = rest
    }
    return flow
  }

  /** Sends on what the rules take. @returns what goes on under the same tag */
  function retag (filter: Section, flow: Flow): Flow | undefined {
    for (const { key, value, where } of filter.entries) {
      if (key.toLowerCase() !== 'rule') continue
      const { field, pattern, tag, isKept } = ruleOf(value)
      const name = fieldName(field)
      const share = shareOf(name, pattern, flow)
      if (share === 'none') continue
      const conditions = share === 'all' ? [] : [conditionOf(where, field, pattern, tag)]
      follow({
        ...flow,
        tag: newTag(tag, flow, name, pattern),
        conditions: [...flow.conditions, ...conditions],
        isCopy: flow.isCopy || isKept,
        by: [...flow.by, filter],
      })
      if (share === 'all') return isKept ? flow : undefined
    }
    return flow
  }

  for (const container of containers) {
    for (const each of lineClasses) {
      for (const tag of firstTags(sections, container)) {
        follow({ container, class: each, tag, conditions: [], isCopy: false, by: [] })
      }
    }
  }
  return { arrived, reached, dropped }
}

/** The tags with which lines of a container enter: that of FireLens, unless the input gives another. */
function firstTags (sections: readonly Section[], container: string): readonly string[] {
  const inputs = sections.filter(section => section.name === 'INPUT' && pluginOf(section) === 'forward').map(optionsOf)
  const sockets = inputs.filter(options => 'unix_path' in options)
  const tags = (sockets.length > 0 ? sockets : inputs).map(({ tag, tag_prefix: prefix = '' }) => tag ?? `${prefix}${tagOf(container)}`)
  return tags.length === 0 ? [tagOf(container)] : [...new Set(tags)]
}

/** Whether the lines of this flow, which is behind all filters, passed the filter, under whatever tag they had then. */
export function passed (sections: readonly Section[], { reached }: Flows, filter: Section, flow: Flow): boolean {
  return (reached.get(filter) ?? []).some(({ container, class: each, by }) => {
    const isSame = container === flow.container && each === flow.class
    const isBefore = isSame && by.every((one, index) => one === flow.by[index])
    const next = flow.by[by.length]
    return isBefore && (next === undefined || 'stream' in next || sections.indexOf(filter) < sections.indexOf(next))
  })
}

function isLeftOut (filter: Section, flow: Flow): boolean {
  return filter.entries.some(({ key, value }) => {
    const [field, pattern] = halves(value)
    const name = fieldName(field)
    if (name !== 'source' && name !== 'container_name') return false
    return shareOf(name, pattern, flow) === (key.toLowerCase() === 'regex' ? 'none' : key.toLowerCase() === 'exclude' ? 'all' : '')
  })
}

/** Which of the lines match. What only a line itself can tell is `some`. */
function shareOf (field: string, pattern: string, flow: Lines): Share {
  const regex = regexOf(pattern)
  if (regex === undefined) return 'some'
  if (field === 'source') return regex.test(streamOf[flow.class]) ? 'all' : 'none'
  if (field === 'container_name') return dockerNames(flow.container).some(name => regex.test(name)) ? 'all' : 'none'
  return field === 'log' ? sharesOf(regex)[flow.class] : 'some'
}

function takesTask (task: StreamTask, flow: Flow): boolean {
  if (task.fromTag !== undefined) return matchesGlob(flow.tag, task.fromTag)
  return flow.by.length === 0 || flow.by.some(each => 'stream' in each && each.stream === task.fromStream)
}

function conditionOf (where: string, field: string, pattern: string, tag: string): Condition {
  const key = fieldName(field)
  const isOfErrors = /err|fatal|crit|emerg|alert|warn|excep|fail|panic/i.test(`${pattern} ${tag}`)
  return { where, key, field: field.includes(' ') ? '' : field, pattern, isOfErrors }
}

/** `$source ^stderr$ error.$TAG false`: a key, a pattern, the new tag, and whether the line also keeps its old one. */
function ruleOf (value: string): { field: string, pattern: string, tag: string, isKept: boolean } {
  const [field, rest] = halves(value)
  const [, pattern = '', tag = '', kept = 'false'] = /^(.*)\s+(\S+)\s+(\S+)$/s.exec(rest) ?? []
  return { field, pattern: pattern.trim(), tag, isKept: /^(?:true|on|yes)$/i.test(kept) }
}

/** The tag of a rule with its parts filled in: `$TAG`, `$TAG[1]`, `$source`, what the pattern found. */
function newTag (template: string, flow: Flow, field: string, pattern: string): string {
  const values = { source: streamOf[flow.class], container_name: flow.container, ecs_task_id: anyTask }
  const subject = field === 'source' ? values.source : field === 'container_name' ? values.container_name : undefined
  const found = subject === undefined ? null : regexOf(pattern)?.exec(subject) ?? null
  const parts = /\$(?:TAG(?:\[(\d+)\])?|(\d)|([A-Za-z_][\w]*(?:\[[^\]]*\])*))/g
  return template.replace(parts, (_whole, part?: string, group?: string, name?: string) => {
    if (group !== undefined) return found?.[Number(group)] ?? unknownPart
    if (name !== undefined) return Object.hasOwn(values, name) ? values[name as keyof typeof values] : unknownPart
    return part === undefined ? flow.tag : flow.tag.split('.')[Number(part)] ?? ''
  })
}

function add (map: Map<Section, Flow[]>, key: Section, flow: Flow): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [flow])
  else list.push(flow)
}
