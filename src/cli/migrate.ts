import { globSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { readFluentBit, standardInput } from '../config/fluent-bit/read.ts'
import { migratedYaml } from '../config/fluent-bit/yaml.ts'
import { withoutSecrets } from '../config/mistake.ts'
import { settings } from '../config/settings.ts'
import { unreadableWords } from '../config/unreadable-words.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { ended, writeFitted } from './wrap.ts'

/**
 * `sluice migrate FILE`: prints a configuration of Fluent Bit, or a task definition of ECS, as YAML of Sluice. What
 * cannot be carried over is in comments. It opens nothing but the file and the files that it includes.
 *
 * @returns the exit code: 0, 1 with `check` if something was not carried over, or 66 for a file that cannot be read
 */
export async function runMigrate (
  { env, stdin, stdout, stderr, readFile }: Io,
  { file: given, check }: { readonly file: string, readonly check: boolean }
): Promise<number> {
  const file = given === '-' ? standardInput : given
  try {
    const text = given === '-' ? (await buffer(stdin)).toString() : readFile(file)
    const gathered = readFluentBit(settings, {
      file,
      env: withoutOwnName(env),
      readFile: path => path === file ? text : readFile(path),
      filesLike: pattern => globSync(pattern).toSorted(),
    })
    stdout.write(migratedYaml(settings, gathered))
    const { values, open, leftovers } = gathered
    for (const warning of gathered.warnings) writeFitted(stderr, `warning: ${warning}`)
    writeFitted(stderr, summaryOf(values.size + open.size, leftovers.length, open.size))
    return check && leftovers.length > 0 ? exitCodes.failed : exitCodes.ok
  } catch (error) {
    return ended(stderr, exitCodes.noInput, `sluice migrate: cannot read ${JSON.stringify(withoutSecrets(file))}: ${unreadableWords(error)}`)
  }
}

function summaryOf (count: number, leftCount: number, openCount: number): string {
  const left = leftCount === 0 ? [] : [`${leftCount} not carried over, in the comments at the end`]
  const open = openCount === 0 ? [] : [`${openCount} wait for variables that are not set here`]
  const words = [...left, ...open]
  return `${count} settings; ${words.length === 0 ? 'everything is carried over' : words.join('; ')}`
}

/** The name of the machine that migrates is not that of the container. */
function withoutOwnName ({ HOSTNAME: _, ...env }: Io['env']): Io['env'] {
  return env
}
