import type { Flows } from './flows.ts'
import type { Gathered } from './gathered.ts'
import type { LineRules } from './line-rules.ts'
import type { Section } from './sections.ts'

/** What all parts of a translation share. */
export interface FilterContext {
  readonly gathered: Gathered
  readonly rules: LineRules
  readonly flows: Flows
  /** All, with the one that stands for those that the file does not name. */
  readonly containers: readonly string[]
  readonly sections: readonly Section[]
  readonly nameOf: (section: Section) => string
}

// Tested in test/config/fluent-bit/translate.test.ts
