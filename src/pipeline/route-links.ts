import type { TaskFacts } from '../ecs/task-facts.ts'
import { logLinks, objectLinks, type ConsoleLink } from '../http/page/console-links.ts'
import { expandTemplate, pathPart } from '../sinks/names.ts'
import { formatHour } from '../spool/segment-name.ts'
import type { Route } from './routes.ts'

export interface LinkContext {
  readonly facts: TaskFacts
  /** `{task}` of names. */
  readonly instance: string
  readonly wallMs: number
  /** Where the destination names none. */
  readonly region: string
}

/** Where this task's records of a route are in the console: as near as names of its objects or streams begin alike. */
export function routeLinks (route: Route, context: LinkContext): readonly ConsoleLink[] {
  const { facts, instance, wallMs } = context
  const { destination, template } = route
  if (destination.sink === 'file') return []
  const region = destination.region === '' ? context.region : destination.region
  const { cluster, family, revision, az } = facts
  const names = { task: instance, cluster, family, revision, az, ...containerOf(route) }
  const shared = { prefix: route.prefix, class: route.classWord }
  if (destination.sink === 's3') {
    const parts = Object.fromEntries(Object.entries(names).map(([name, value]) => [name, pathPart(value)]))
    return objectStarts(template, { ...parts, ...shared }, formatHour(wallMs))
      .flatMap(({ words, start }) => objectLinks({ region, bucket: destination.bucket, prefix: start, words }))
  }
  // What is not known is left out of a stream's name.
  const known = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== ''))
  const streamStart = startOf(template, { ...known, ...shared })
  const isOfTask = template.includes('{task}')
  return logLinks({ region, group: destination.group, streamStart: streamStart.text, inStream: isOfTask ? instance : '' })
}

/** Of a route of one container, its name. */
function containerOf ({ container = '' }: Route): { readonly container?: string } {
  return container !== '' && pathPart(container) === container ? { container } : {}
}

type Values = Readonly<Record<string, string>>

/**
 * How the keys of this task begin, whatever the hour, and where that is not enough to tell it from others, in this
 * hour; in words, of how many tasks that is.
 */
function objectStarts (
  template: string, values: Values, hour: string
): readonly { readonly words: string, readonly start: string }[] {
  const always = inWholeParts(startOf(template, values))
  const now = inWholeParts(startOf(template, values, hour))
  const of = ({ isOfTask }: Start) => isOfTask ? 'objects of this task' : 'objects of all tasks'
  const all = { words: of(always), start: always.text }
  return always.isOfTask || now.text === always.text ? [all] : [all, { words: `${of(now)} in this hour`, start: now.text }]
}

interface Start {
  readonly text: string
  /** It names the task: no other task has names that begin so. */
  readonly isOfTask: boolean
}

/** What all names of this task begin with, in `hour` where one is given. */
function startOf (template: string, values: Values, hour?: string): Start {
  const isKnown = ([, name, field = '']: RegExpExecArray) =>
    name === undefined ? field === '%' || hour !== undefined : Object.hasOwn(values, name)
  const unknown = [...template.matchAll(/\{(\w+)\}|%([YmdH%])/g)].find(found => !isKnown(found))
  const head = template.slice(0, unknown?.index)
  return { text: expandTemplate(head, hour ?? '', values), isOfTask: head.includes('{task}') }
}

/** Without the beginning of a part of the path that says nothing of the task, such as `dt=`. */
function inWholeParts ({ text, isOfTask }: Start): Start {
  return isOfTask ? { text, isOfTask } : { text: text.slice(0, text.lastIndexOf('/') + 1), isOfTask }
}

// Tested in test/pipeline/page.test.ts
