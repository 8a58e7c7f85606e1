import { tryConfig, type LoadedConfig } from '../config/load.ts'
import { describeMistakes } from '../config/mistake.ts'
import type { Io } from './io.ts'
import { setV8Flags } from './v8-flags.ts'
import { writeFitted } from './wrap.ts'

/** The settings; undefined where they cannot be understood, which is told, with what would only have been warned of. */
export function loadOrTell (io: Pick<Io, 'env' | 'stderr' | 'readFile'>, configFile: string | undefined): LoadedConfig | undefined {
  setV8Flags()
  const outcome = tryConfig({ configFile, env: io.env, readFile: io.readFile })
  if (outcome.kind === 'config') return outcome.loaded
  for (const warning of outcome.warnings) writeFitted(io.stderr, `warning: ${warning}`)
  writeFitted(io.stderr, describeMistakes(outcome.mistakes))
  return undefined
}
