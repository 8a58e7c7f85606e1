import { stringify } from 'yaml'
import type { Setting, SettingValue } from './setting.ts'
import { formatValue } from './values.ts'

/** The setting at `path` as YAML on one line: `spool: { sync: never }`. */
export function nestedYaml (path: string, text: string): string {
  const parts = path.split('.')
  return `${parts.join(': { ')}: ${text}${' }'.repeat(parts.length - 1)}`
}

/** A value as YAML on one line. Reading it gives the same value. */
export function yamlText (setting: Setting, value: SettingValue): string {
  const options = { lineWidth: 0, defaultStringType: 'PLAIN' } as const
  if (typeof value === 'object' && !('host' in value)) {
    return stringify(value, { ...options, collectionStyle: 'flow', flowCollectionPadding: false }).trimEnd()
  }
  const text = formatValue(setting, value)
  // All other types are read from their characters, so they need no quotes.
  if (typeof value !== 'string' && typeof value !== 'object') return text
  return /\p{Cc}/u.test(text) ? JSON.stringify(text) : stringify(text, options).trimEnd()
}

// Tested in test/config/effective-settings.test.ts
