import type { SettingTree } from '../setting.ts'
import type { Entry, Section } from './classic.ts'
import { Gathered, type Leftover } from './gathered.ts'
import { anyOutput, everywhere, hints, outputs, type Options, type SettingName, type Target } from './options.ts'
import { patternOfRuby } from './pattern.ts'

/** The fields that ECS adds to every record, and the settings for them. */
const recordFields: ReadonlyMap<string, string> = new Map(Object.entries({
  ecs_cluster: 'ecs.cluster',
  ecs_task_arn: 'ecs.taskArn',
  ecs_task_definition: 'ecs.taskDefinition',
  ec2_instance_id: 'ecs.instanceId',
}))

const healthTag = 'firelens-healthcheck'

/**
 * Translates the sections of a configuration of Fluent Bit into settings: all that ECS generates, and of what people
 * write themselves, what Sluice has too. Never throws.
 *
 * Source: https://github.com/aws/amazon-ecs-agent, agent/taskresource/firelens/firelensconfig_unix.go
 */
export function translate (tree: SettingTree, sections: readonly Section[]): Gathered {
  const gathered = new Gathered(tree)
  for (const section of sections) {
    const plugin = optionsOf(section)['name']?.toLowerCase() ?? ''
    if (section.name === 'INPUT') translateInput(gathered, section, plugin)
    else if (section.name === 'FILTER') translateFilter(gathered, section, plugin)
    else if (section.name === 'OUTPUT') translateOutput(gathered, section, plugin)
    else if (section.name === 'SERVICE') translateService(gathered, section)
    else leaveSection(gathered, section, '')
  }
  return gathered
}

function translateInput (gathered: Gathered, section: Section, plugin: string): void {
  const { listen = '0.0.0.0', port, tag, unix_path: unixPath } = optionsOf(section)
  const carried = new Set(['name', 'tag', 'mem_buf_limit', 'listen', 'port', 'unix_path'])
  const from = { where: section.where, section: nameOf(section, plugin), option: 'Listen' }
  if (plugin === 'forward' && unixPath !== undefined) {
    gathered.set('unixSocket', unixPath, { ...from, option: 'unix_path' })
  } else if (plugin === 'forward') {
    gathered.set('tcp', addressOf(listen, port ?? '24224'), from)
  } else if (plugin === 'tcp' && tag === healthTag) {
    gathered.set('firelens.healthInput', addressOf(listen, port ?? '5170'), from)
  } else {
    leaveSection(gathered, section, plugin)
    return
  }
  leaveOthers(gathered, section, plugin, key => carried.has(key))
}

function translateFilter (gathered: Gathered, section: Section, plugin: string): void {
  const target = targetOf(optionsOf(section)['match'])
  const name = nameOf(section, plugin)
  if (target === undefined || !(plugin === 'grep' || plugin === 'record_modifier')) {
    leaveSection(gathered, section, plugin)
    return
  }
  const scope = target.container === undefined ? 'filter' : `containers.${target.container}`
  for (const { key, value, where } of section.entries) {
    const from = { where, section: name, option: key }
    const [field = '', rest = ''] = halves(value)
    const word = key.toLowerCase()
    const fact = recordFields.get(field)
    if (word === 'name' || word === 'match') continue
    if (plugin === 'grep' && (word === 'regex' || word === 'exclude') && /^\$?log$/.test(field)) {
      gathered.add(`${scope}.${word === 'regex' ? 'include' : 'exclude'}`, patternOfRuby(rest), from)
    } else if (plugin === 'record_modifier' && word === 'record' && fact !== undefined) {
      gathered.set(fact, rest, from)
    } else {
      gathered.leave(from, hints.get(word) ?? hints.get(plugin))
    }
  }
}

function translateOutput (gathered: Gathered, section: Section, plugin: string): void {
  const options = optionsOf(section)
  const { match } = options
  // These deliver nothing: health checks, and containers without an output of their own.
  if (plugin === 'null' && (match === healthTag || section.entries.length === 2)) return
  const target = targetOf(match)
  const meanings = plugin === 'null' ? anyOutput : outputs.get(plugin)
  if (target === undefined || meanings === undefined) {
    leaveSection(gathered, section, plugin)
    return
  }
  for (const { key, value, where } of section.entries) {
    const word = key.toLowerCase()
    if (word === 'name' || word === 'match') continue
    const meaning = meanings.get(word)
    const from = { where, section: nameOf(section, plugin), option: key }
    if (meaning === 'silent') continue
    const said = meaning?.(value, options, target)
    if (said === undefined) gathered.leave(from, hints.get(word))
    else if (said.value !== '') gathered.set(pathOf(said.setting, target, plugin), said.value, from)
  }
}

function translateService (gathered: Gathered, section: Section): void {
  const { http_server: server = 'off', http_listen: listen = '0.0.0.0', http_port: port = '2020' } = optionsOf(section)
  if (/^(?:on|true|yes)$/i.test(server)) {
    gathered.set('http', addressOf(listen, port), { where: section.where, section: '[SERVICE]', option: 'HTTP_Server' })
  }
  leaveOthers(gathered, section, '', key => key.startsWith('http_'))
}

/** The containers whose tags `match` matches: one, or all. undefined for other tags, which filters make. */
function targetOf (match: string | undefined): Target | undefined {
  if (match === undefined || match === '*' || match === '**' || match === '*-firelens-*') return { container: undefined }
  const [, container] = /^([A-Za-z0-9][\w-]{0,127})-firelens[-*]*$/.exec(match) ?? []
  return container === undefined ? undefined : { container }
}

function pathOf (setting: SettingName, { container }: Target, plugin: string): string {
  if (container !== undefined) return `containers.${container}.${setting}`
  if (setting === 'region') return plugin === 's3' ? 's3.region' : 'cloudwatch.region'
  return everywhere[setting]
}

function leaveSection (gathered: Gathered, section: Section, plugin: string): void {
  const { match } = optionsOf(section)
  const hint = hints.get(plugin) ?? (section.name === 'OUTPUT' && outputs.has(plugin) ? `${match ?? 'no Match'} is not the tag of a container` : '')
  gathered.leave({ where: section.where, section: nameOf(section, plugin), option: '' }, hint)
}

function leaveOthers (gathered: Gathered, section: Section, plugin: string, isCarried: (key: string) => boolean): void {
  for (const { key, where } of section.entries) {
    const word = key.toLowerCase()
    if (!isCarried(word)) gathered.leave({ where, section: nameOf(section, plugin), option: key }, hints.get(word))
  }
}

function nameOf (section: Section, plugin: string): string {
  const target = targetOf(optionsOf(section)['match'])
  const of = target?.container === undefined ? '' : ` of ${target.container}`
  return `[${section.name}]${plugin === '' ? '' : ` ${plugin}`}${of}`
}

function optionsOf ({ entries }: Section): Options {
  return Object.fromEntries(entries.map(({ key, value }: Entry) => [key.toLowerCase(), value]))
}

function addressOf (host: string, port: string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function halves (text: string): readonly string[] {
  return /^(\S+)\s*(.*)$/s.exec(text)?.slice(1) ?? []
}

/** All that is not carried over, in one line. */
export function describeLeftovers (file: string, leftovers: readonly Leftover[]): string {
  const bySection = Map.groupBy(leftovers, ({ section }) => section)
  const words = [...bySection].map(([section, each]) => {
    const options = each.filter(({ option }) => option !== '')
      .map(({ option, hint }) => hint === '' ? option : `${option} (${hint})`)
    const [{ hint = '' } = {}] = each.filter(({ option }) => option === '')
    return `${section}${options.length === 0 ? (hint === '' ? '' : ` (${hint})`) : `: ${options.join(', ')}`}`
  })
  return `${file}: not carried over: ${words.join('; ')}`
}
