import { parse } from 'yaml'
import { entryOf, type Command, type ParsedFile, type Section, type Variables } from './sections.ts'

interface ContainerDefinition {
  readonly name: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  /** Options whose values ECS reads from a secret. */
  readonly secrets: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Of the log router. */
  readonly firelens: Readonly<Record<string, string>> | undefined
}

/** Options of a container that ECS uses itself. */
const ownOptions = new Set(['Name', 'include-pattern', 'exclude-pattern', 'log-driver-buffer-limit'])

/**
 * Reads an ECS task definition as the configuration that ECS makes of it for the log router: of each container with
 * `awsfirelens` its options, and the file that `config-file-value` names. undefined: it is none.
 *
 * Source: https://github.com/aws/amazon-ecs-agent, agent/taskresource/firelens/firelensconfig_unix.go
 */
export function parseTaskDefinition (file: string, text: string, given: Variables): ParsedFile | undefined {
  const containers = containersOf(text)
  if (containers === undefined) return undefined
  const router = containers.find(({ firelens }) => firelens !== undefined)
  const variables = new Map([...given, ...Object.entries(router?.environment ?? {})
    .map(([name, value]) => [name, { value, isOwn: true }] as const)])
  const places = placesIn(file, text)
  const logging = containers.map((container, index) => ({ ...container, index })).filter(({ driver }) => driver === 'awsfirelens')
  const section = (name: string, where: string, lines: readonly (readonly [string, string])[]): Section =>
    ({ name, where, entries: lines.map(([key, value]) => entryOf(key, value, places.of(where, key), variables)) })

  const filters = ([['include-pattern', 'Regex'], ['exclude-pattern', 'Exclude']] as const).flatMap(([option, word]) =>
    logging.flatMap(({ name, options }): Section[] => {
      const { [option]: pattern } = options
      const lines = [['Name', 'grep'], ['Match', `${name}-firelens*`], [word, `log ${pattern ?? ''}`]] as const
      return pattern === undefined ? [] : [section('FILTER', places.container(name), lines)]
    }))
  const outputs = logging.flatMap(({ name, options, secrets, index }): Section[] => {
    const { Name: plugin } = options
    if (plugin === undefined) return []
    const others = Object.entries(options).filter(([key]) => !ownOptions.has(key))
    const secret = secrets.map(key => [key, '$' + `{${key}_${index}}`] as const)
    return [section('OUTPUT', places.container(name), [['Name', plugin], ['Match', `${name}-firelens*`], ...others, ...secret])]
  })
  return { parts: [...filters, ...includeOf(router, places), ...outputs], variables }
}

function includeOf (router: ContainerDefinition | undefined, places: ReturnType<typeof placesIn>): Command[] {
  const { 'config-file-value': path, 'config-file-type': type } = router?.firelens ?? {}
  if (router === undefined || path === undefined) return []
  const where = places.of(places.container(router.name), 'config-file-value')
  // A file of the image is looked for beside the task definition.
  return [{ kind: 'include', path: type === 's3' ? path : path.slice(path.lastIndexOf('/') + 1), where }]
}

/** Containers of a task definition, of the answer of `describe-task-definition`, or a bare list of containers. */
function containersOf (text: string): ContainerDefinition[] | undefined {
  let document: unknown
  try {
    document = parse(text, { uniqueKeys: false, logLevel: 'error' })
  } catch {
    // The caller reads it in another form, which says what is wrong.
    return undefined
  }
  const inner = field(document, 'taskDefinition') ?? document
  const list = Array.isArray(inner) ? inner : field(inner, 'containerDefinitions') ?? field(inner, 'ContainerDefinitions')
  if (!Array.isArray(list)) return undefined
  return list.map((each: unknown) => {
    const log = field(each, 'logConfiguration')
    const firelens = field(each, 'firelensConfiguration')
    return {
      name: words(field(each, 'name')),
      driver: words(field(log, 'logDriver')),
      options: texts(field(log, 'options')),
      secrets: named(field(log, 'secretOptions')).map(([name]) => name),
      environment: Object.fromEntries(named(field(each, 'environment'))),
      firelens: firelens === undefined ? undefined : texts(field(firelens, 'options')),
    }
  })
}

function field (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

function words (value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function texts (value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, words(each)]))
}

/** A list of `{ name, value }`. */
function named (value: unknown): [string, string][] {
  return Array.isArray(value) ? value.map((each: unknown) => [words(field(each, 'name')), words(field(each, 'value'))]) : []
}

/** Lines of the text, as `file:line`: of a container's name, and of a key behind it. */
function placesIn (file: string, text: string) {
  const lines = text.split('\n')
  return {
    container (name: string): string {
      const index = lines.findIndex(line => line.includes('"name"') && line.includes(JSON.stringify(name)))
      return `${file}:${Math.max(0, index) + 1}`
    },
    of (container: string, key: string): string {
      const from = Number(container.slice(container.lastIndexOf(':') + 1)) - 1
      const quoted = JSON.stringify(key)
      const after = lines.findIndex((line, index) => index >= from && line.includes(quoted))
      const index = after >= 0 ? after : lines.findIndex(line => line.includes(quoted))
      return index < 0 ? container : `${file}:${index + 1}`
    },
  }
}
