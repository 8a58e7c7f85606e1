import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { SluiceError } from '../contracts/errors.ts'
import type { Io } from './io.ts'
import { setV8Flags } from './v8-flags.ts'
import { writeFitted } from './wrap.ts'

/** The settings; undefined where they cannot be understood, which is told. */
export function loadOrTell (io: Pick<Io, 'env' | 'stderr' | 'readFile'>, configFile: string | undefined): LoadedConfig | undefined {
  setV8Flags()
  try {
    return loadConfig({ configFile, env: io.env, readFile: io.readFile })
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    writeFitted(io.stderr, error.message)
    return undefined
  }
}
