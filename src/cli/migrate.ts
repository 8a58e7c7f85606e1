import { parseArgs } from 'node:util'
import { readFluentBit } from '../config/fluent-bit/read.ts'
import { migratedYaml } from '../config/fluent-bit/yaml.ts'
import { settings } from '../config/settings.ts'
import type { Io } from './io.ts'

/** Sources: https://man.openbsd.org/sysexits */
const usageExitCode = 64
const noInputExitCode = 66

/**
 * `sluice migrate FILE`: a configuration of Fluent Bit as YAML of ours, on standard output, with what could not be
 * carried over in comments. Opens nothing but the file and those that it includes.
 *
 * @returns the exit code: 0, 66 for a file that cannot be read, 64 for arguments that are none
 */
export function runMigrate ({ argv, env, stdout, stderr, readFile }: Io): number {
  const { positionals: [file, ...more] } = parseArgs({ args: [...argv], options: {}, allowPositionals: true })
  if (file === undefined || more.length > 0) {
    stderr.write('sluice migrate: expected one file, as in: sluice migrate /fluent-bit/etc/fluent-bit.conf > sluice.yaml\n')
    return usageExitCode
  }
  try {
    const gathered = readFluentBit(settings, { file, env, readFile })
    stdout.write(migratedYaml(settings, gathered))
    const { size } = gathered.values
    const { length } = gathered.leftovers
    stderr.write(`${size} settings; ${length === 0 ? 'everything is carried over' : `${length} not carried over, in the comments at the end`}\n`)
    return 0
  } catch (error) {
    stderr.write(`sluice migrate: cannot read ${JSON.stringify(file)}: ${(error as Error).message}\n`)
    return noInputExitCode
  }
}
