import type { TaskFacts } from '../ecs/task-facts.ts'
import { logLinks, objectLinks, type ConsoleLink } from '../http/page/console-links.ts'
import { expandTemplate, pathPart, pathParts } from '../sinks/names.ts'
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

/** Where this task's records of a route are in the console: a folder of objects, streams by how their names begin. */
export function routeLinks (route: Route, context: LinkContext): readonly ConsoleLink[] {
  const { facts, instance, wallMs } = context
  const { destination, template } = route
  if (destination.sink === 'file') return []
  const region = destination.region === '' ? context.region : destination.region
  const { cluster, family, revision, az } = facts
  const names = { task: instance, cluster, family, revision, az, ...containerOf(route) }
  const shared = { prefix: route.prefix, class: route.classWord }
  if (destination.sink === 's3') {
    return objectStarts(template, { ...pathParts(names), ...shared }, formatHour(wallMs))
      .flatMap(({ words, start }) => objectLinks({ region, bucket: destination.bucket, prefix: start, words }))
  }
  // What is not known is left out of a stream's name.
  const known = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== ''))
  const streamStart = startOf(template, { ...known, ...shared })
  const isOfTask = template.includes('{task}')
  return logLinks({ region, group: destination.group, streamStart, inStream: isOfTask ? instance : '' })
}

/** Of a route of one container, its name. */
function containerOf ({ container = '' }: Route): { readonly container?: string } {
  return container !== '' && pathPart(container) === container ? { container } : {}
}

type Values = Readonly<Record<string, string>>

/**
 * The folder of all keys of this task, whatever the hour, and where that is not enough to tell it from others, the one
 * of now; in words, of how many tasks that is. What the console shows for a prefix that ends within a name is not
 * documented, so a link never does.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html
 */
function objectStarts (
  template: string, values: Values, hour: string
): readonly { readonly words: string, readonly start: string }[] {
  const always = folderOf(template, values)
  const now = folderOf(template, values, hour)
  const of = ({ isOfTask }: Folder) => isOfTask ? 'objects of this task' : 'objects of all tasks'
  const all = { words: of(always), start: always.text }
  return always.isOfTask || now.text === always.text
    ? [all]
    : [all, { words: `${of(now)} in this ${spanOf(template)}`, start: now.text }]
}

interface Folder {
  readonly text: string
  /** It names the task: no other task has keys in it. */
  readonly isOfTask: boolean
}

function folderOf (template: string, values: Values, hour?: string): Folder {
  const folder = (task: string) => {
    const start = startOf(template, { ...values, task }, hour)
    return start.slice(0, start.lastIndexOf('/') + 1)
  }
  const { task = '' } = values
  const text = folder(task)
  return { text, isOfTask: text !== folder(`${task}-of-another`) }
}

/** The shortest time that a key names. */
function spanOf (template: string): string {
  return ([['%H', 'hour'], ['%d', 'day'], ['%m', 'month']] as const).find(([field]) => template.includes(field))?.[1] ?? 'year'
}

/** What all names of this task begin with, in `hour` where one is given. */
function startOf (template: string, values: Values, hour?: string): string {
  const isKnown = ([, name, field = '']: RegExpExecArray) =>
    name === undefined ? field === '%' || hour !== undefined : Object.hasOwn(values, name)
  const unknown = [...template.matchAll(/\{(\w+)\}|%([YmdH%])/g)].find(found => !isKnown(found))
  return expandTemplate(template.slice(0, unknown?.index), hour ?? '', values)
}

// Tested in test/pipeline/page.test.ts
