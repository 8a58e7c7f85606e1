import { filterHints, nativeFilters } from './changes.ts'
import { translateFields } from './fields.ts'
import { placeOf, type FilterContext } from './filter-context.ts'
import type { Place } from './gathered.ts'
import { translateGrep } from './grep.ts'
import { tellNesting } from './nest.ts'
import { isOfApache, optionsOf, pluginOf, type Section } from './sections.ts'

/** Carries a `[FILTER]` over: what has a counterpart. Of `rewrite_tag` only what nothing reaches is left. */
export function translateFilter (context: FilterContext, section: Section): void {
  const { gathered, flows } = context
  const plugin = pluginOf(section)
  const whole = placeOf(section)
  const native = nativeFilters.get(plugin)
  if (!flows.reached.has(section)) {
    gathered.leave(whole, `no line of a container has a tag for ${matchWords(section)}, so it did nothing`)
  } else if (native !== undefined) {
    gathered.note('nothing', whole, native)
  } else if (plugin === 'grep') {
    translateGrep(context, section)
  } else if (plugin === 'record_modifier' || plugin === 'modify') {
    translateFields(context, section, plugin)
  } else if (plugin === 'parser') {
    translateParser(context, section, whole)
  } else if (plugin === 'nest') {
    tellNesting(context, section)
  } else if (plugin !== 'rewrite_tag') {
    gathered.leave(whole, filterHints.get(plugin) ?? 'lines stay as they were written')
  }
}

function translateParser ({ gathered }: FilterContext, section: Section, whole: Place): void {
  const { parser = '', key_name: key = '' } = optionsOf(section)
  if (/json|docker/i.test(parser)) {
    gathered.note('nothing', whole, 'a JSON line is an object already: its keys are those of the line')
  } else if (isOfApache(section)) {
    gathered.note('nothing', whole, 'access lines of Apache become JSON with the usual names (access.format)')
  } else {
    gathered.note('change', whole, `${key === '' ? 'lines' : key} stays as it was written, not the fields of ${parser}: parse it where you query`)
  }
}

function matchWords (section: Section): string {
  const { match, match_regex: regex } = optionsOf(section)
  return regex === undefined ? `Match ${match ?? 'which is missing'}` : `Match_Regex ${regex}`
}

// Tested in test/config/fluent-bit/translate.test.ts
