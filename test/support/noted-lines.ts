import { loadConfig } from '../../src/config/load.ts'
import type { Places } from '../../src/contracts/places.ts'
import { createRecord } from '../../src/contracts/record.ts'
import { askedValues, type AskedValues } from '../../src/pipeline/asked-values.ts'

/** Notes the values of JSON lines, as the settings of `env` ask for them. */
export function notedLines (env: Readonly<Record<string, string>> = {}) {
  const { config } = loadConfig({ env, readFile: () => '' })
  const values: AskedValues = askedValues(config)
  return {
    config,
    values,
    of (fields: Readonly<Record<string, unknown>>): { readonly bytes: Buffer, readonly places: Places } {
      const bytes = Buffer.from(JSON.stringify(fields))
      values.note({ ...createRecord(), bytes, end: bytes.length })
      return { bytes, places: values.places }
    },
  }
}
