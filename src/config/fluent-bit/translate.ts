import type { SettingTree } from '../setting.ts'
import { placeOf, type FilterContext } from './filter-context.ts'
import { translateFilter } from './filters.ts'
import { followTags } from './flows.ts'
import { Gathered, type Leftover } from './gathered.ts'
import { LineRules } from './line-rules.ts'
import { translateInput, translateService } from './inputs.ts'
import { translateOutputs } from './outputs.ts'
import { halves, type Section } from './sections.ts'
import { anyContainer, containersOf } from './tags.ts'

/** A part of the text that is no section. */
export interface Unread { readonly where: string, readonly option: string, readonly hint: string }

/** Sections that say something about others, and are read with those. */
const silentSections = new Set(['PARSER', 'MULTILINE_PARSER', 'STREAM_TASK'])

/**
 * Translates the sections of a configuration of Fluent Bit into settings: all that ECS generates, and of what people
 * write themselves, what Sluice has too. Never throws.
 *
 * Source: https://github.com/aws/amazon-ecs-agent, agent/taskresource/firelens/firelensconfig_unix.go
 */
export function translate (tree: SettingTree, sections: readonly Section[], unread: readonly Unread[]): Gathered {
  const gathered = new Gathered(tree)
  const containers = [anyContainer, ...containersOf(sections)]
  const rules = new LineRules(containers)
  const flows = followTags(sections, containers)
  const context: FilterContext = { gathered, rules, flows, containers, sections }
  for (const section of sections) {
    if (section.name === 'INPUT') translateInput(gathered, section)
    else if (section.name === 'SERVICE') translateService(gathered, section)
    else if (section.name === 'FILTER') translateFilter(context, section)
    else if (section.name !== 'OUTPUT' && !silentSections.has(section.name)) {
      gathered.leave(placeOf(section))
    }
  }
  translateOutputs({ ...context, records: recordsOf(sections) })
  gathered.setRules(rules.made())
  for (const { where, of } of rules.inexact()) {
    gathered.leave({ where, section: '[FILTER]', option: '' }, `a line that it leaves out and that ${of} sent elsewhere is not where it was`)
  }
  for (const { hint, ...each } of unread) gathered.leave({ section: 'file', ...each }, hint)
  return gathered
}

/** Fields that differ from task to task. */
const ofOneTask = new Set(['ecs_task_arn', 'ec2_instance_id'])

/** The fields that filters add to each record, where they are the same in all tasks. */
function recordsOf (sections: readonly Section[]): ReadonlyMap<string, string> {
  const added = sections.filter(({ name }) => name === 'FILTER').flatMap(({ entries }) =>
    entries.filter(({ key }) => /^(?:record|add|set)$/i.test(key)).map(({ value }) => halves(value)))
    .filter(([name]) => !ofOneTask.has(name))
  // What ECS calls a cluster is its name, or its ARN.
  return new Map(added.map(([name, value]) => [name, name === 'ecs_cluster' ? value.slice(value.lastIndexOf('/') + 1) : value]))
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
