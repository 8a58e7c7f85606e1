import { effectiveSettings } from '../config/effective-settings.ts'
import { tryConfig, type SettingValues } from '../config/load.ts'
import { describeMistakes } from '../config/mistake.ts'
import { settings } from '../config/settings.ts'
import { systemClock } from '../contracts/clock.ts'
import { regionFor } from '../ecs/region.ts'
import { noFacts } from '../ecs/task-facts.ts'
import { readTaskMetadata } from '../ecs/task-metadata.ts'
import { routesOf } from '../pipeline/routes.ts'
import { taskDiskOf } from '../pipeline/task-disk.ts'
import { settingLines } from './check/setting-lines.ts'
import { whatGoesWhere } from './check/where.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { painter } from './paint.ts'
import { fitted, widthOf, wrap, type Writer } from './wrap.ts'

/** What a terminal shows each answer of AWS in. */
const colours = { ok: 'green', refused: 'red', unknown: 'yellow' } as const

const indentColumns = 4

export interface CheckIo extends Pick<Io, 'env' | 'readFile'> {
  readonly stdout: Writer
  readonly stderr: Writer
}

export interface CheckValues {
  readonly config: string | undefined
  readonly probe?: boolean
}

/**
 * `sluice check`: prints the settings that a process would run with, as YAML with the origin of each, then what goes
 * where and how the `tests` of the settings end, as comments; or all mistakes. Warnings go to standard error, last. It
 * opens nothing but the file; with `probe` it also asks AWS.
 *
 * @returns the exit code: 0, or 78 for mistakes; 1 when a test fails, or with `probe` AWS refuses something
 */
export async function runCheck ({ env, stdout, stderr, readFile }: CheckIo, values: CheckValues): Promise<number> {
  const paint = painter(stdout, env)
  const paintError = painter(stderr, env)
  const warn = (warnings: readonly string[]) => {
    for (const warning of warnings) {
      stderr.write(`${fitted(`warning: ${warning}`, stderr).replace('warning', word => paintError('yellow', word))}\n`)
    }
  }
  const outcome = tryConfig({ configFile: values.config, env, readFile })
  if (outcome.kind === 'mistakes') {
    warn(outcome.warnings)
    stderr.write(`${paintError('red', fitted(describeMistakes(outcome.mistakes), stderr))}\n`)
    return exitCodes.config
  }

  const { config, origins, warnings } = outcome.loaded
  // `Config` is the type of the table, and the lines are made from the table.
  const lines = effectiveSettings(settings, config as unknown as SettingValues, origins)
  const changed = lines.filter(({ isDefault }) => !isDefault).length
  const count = lines.filter(({ origin }) => origin !== undefined).length
  stdout.write(`# ${changed === 0 ? 'every setting is a default' : `${changed} of ${count} settings are not defaults`}\n`)
  for (const { text, comment, isDefault } of settingLines(lines, widthOf(stdout))) {
    stdout.write(`${text}${paint(isDefault ? 'dim' : 'green', comment)}\n`)
  }

  const routes = routesOf(config)
  const region = regionFor(env, noFacts) ?? ''
  stdout.write('\n# what goes where\n')
  const example = { container: 'web', nowMs: Date.now(), region }
  for (const text of whatGoesWhere(config, routes, example)) stdout.write(`# ${text}\n`)
  const isOnEcs = (env['ECS_CONTAINER_METADATA_URI_V4'] ?? '') !== ''
  const taskDisk = isOnEcs ? taskDiskOf(routes) : undefined
  // Others set variables that look like ours: what may be nothing comes last.
  const isUnknown = (warning: string) => warning.startsWith('unknown variable')
  const disk = taskDisk === undefined ? [] : [taskDisk.words]
  warn([...warnings.filter(each => !isUnknown(each)), ...disk, ...warnings.filter(isUnknown)])
  let areTestsOk = true
  if (config.tests.length > 0) {
    const { runTests } = await import('./check/run-tests.ts')
    stdout.write('\n# tests\n')
    for (const { isOk, lines: shown } of runTests(config)) {
      areTestsOk &&= isOk
      for (const text of shown) stdout.write(`# ${paint(isOk ? 'green' : 'red', text)}\n`)
    }
  }
  const code = areTestsOk ? exitCodes.ok : exitCodes.failed
  if (values.probe !== true) return code

  const { probe } = await import('./check/probe.ts')
  let isAllOk = true
  let isAsked = false
  stdout.write('\n# what AWS says\n')
  const { facts } = await readTaskMetadata({ uri: env['ECS_CONTAINER_METADATA_URI_V4'], clock: systemClock })
  for await (const { outcome, words } of probe(config, routes, regionFor(env, facts) ?? '')) {
    isAllOk &&= outcome !== 'refused'
    isAsked = true
    const [first = '', ...more] = wrap(`${outcome}: ${words}`, widthOf(stdout) - indentColumns)
    stdout.write(`# ${paint(colours[outcome], outcome)}${first.slice(outcome.length)}\n`)
    for (const line of more) stdout.write(`#   ${line}\n`)
  }
  if (!isAsked) stdout.write('# it is not asked: every route goes to files\n')
  return isAllOk ? code : exitCodes.failed
}
