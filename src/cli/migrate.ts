import { readFluentBit } from '../config/fluent-bit/read.ts'
import { migratedYaml } from '../config/fluent-bit/yaml.ts'
import { settings } from '../config/settings.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

export type MigrateIo = Pick<Io, 'env' | 'stdout' | 'stderr' | 'readFile'>

/**
 * `sluice migrate FILE`: prints a configuration of Fluent Bit as YAML of Sluice. What cannot be carried over is in
 * comments. It opens nothing but the file and the files that it includes.
 *
 * @returns the exit code: 0, or 66 for a file that cannot be read
 */
export function runMigrate (
  { env, stdout, stderr, readFile }: MigrateIo, { file }: { readonly file: string }
): number {
  try {
    const gathered = readFluentBit(settings, { file, env, readFile })
    stdout.write(migratedYaml(settings, gathered))
    const { size } = gathered.values
    const { length } = gathered.leftovers
    for (const warning of gathered.warnings) stderr.write(`warning: ${warning}\n`)
    stderr.write(`${size} settings; ${length === 0 ? 'everything is carried over' : `${length} not carried over, in the comments at the end`}\n`)
    return exitCodes.ok
  } catch (error) {
    stderr.write(`sluice migrate: cannot read ${JSON.stringify(file)}: ${(error as Error).message}\n`)
    return exitCodes.noInput
  }
}
