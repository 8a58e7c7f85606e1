import type { Flows } from './flows.ts'
import type { Gathered, Place } from './gathered.ts'
import type { LineRules } from './line-rules.ts'
import { optionsOf, pluginOf, type Entry, type Section } from './sections.ts'

/** What all parts of a translation share. */
export interface FilterContext {
  readonly gathered: Gathered
  readonly rules: LineRules
  readonly flows: Flows
  /** All, with the one that stands for those that the file does not name. */
  readonly containers: readonly string[]
  readonly sections: readonly Section[]
}

/** A section in words: `[OUTPUT] s3 of web`. */
export function nameOf (section: Section): string {
  const plugin = pluginOf(section)
  const [, container] = /^([A-Za-z0-9][\w-]{0,127})-firelens[-*]*$/.exec(optionsOf(section)['match'] ?? '') ?? []
  return `[${section.name}]${plugin === '' ? '' : ` ${plugin}`}${container === undefined ? '' : ` of ${container}`}`
}

/** Where an entry of a section stands; without one, the section as a whole. */
export function placeOf (section: Section, entry?: Pick<Entry, 'where' | 'key'>): Place {
  return { where: entry?.where ?? section.where, section: nameOf(section), option: entry?.key ?? '' }
}

// Tested in test/config/fluent-bit/translate.test.ts
