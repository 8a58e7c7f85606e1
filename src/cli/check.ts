import { styleText } from 'node:util'
import { effectiveSettings, type EffectiveLine } from '../config/effective-settings.ts'
import { tryConfig, type SettingValues } from '../config/load.ts'
import { describeMistakes } from '../config/mistake.ts'
import { settings } from '../config/settings.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

/** The column of the origins starts here at the latest, so that it stays visible. */
const maxColumn = 60

export interface CheckOutput {
  write (text: string): unknown
  readonly isTTY?: boolean
}

export interface CheckIo extends Pick<Io, 'env' | 'readFile'> {
  readonly stdout: CheckOutput
  readonly stderr: CheckOutput
}

/**
 * `sluice check`: prints the settings that a process would run with, as YAML with the origin of each, or all mistakes.
 * Warnings go to standard error. It opens nothing but the file.
 *
 * @returns the exit code: 0, or 78 for mistakes
 */
export function runCheck (
  { env, stdout, stderr, readFile }: CheckIo, { config: configFile }: { readonly config: string | undefined }
): number {
  const paint = (output: CheckOutput, format: 'dim' | 'green' | 'yellow' | 'red', text: string) =>
    output.isTTY === true && (env['NO_COLOR'] ?? '') === '' ? styleText(format, text, { validateStream: false }) : text
  const outcome = tryConfig({ configFile, env, readFile })
  const warnings = outcome.kind === 'config' ? outcome.loaded.warnings : outcome.warnings
  for (const warning of warnings) stderr.write(`${paint(stderr, 'yellow', 'warning')}: ${warning}\n`)
  if (outcome.kind === 'mistakes') {
    stderr.write(`${paint(stderr, 'red', describeMistakes(outcome.mistakes))}\n`)
    return exitCodes.config
  }

  // `Config` is the type of the table, and the lines are made from the table.
  const values = outcome.loaded.config as unknown as SettingValues
  const lines = effectiveSettings(settings, values, outcome.loaded.origins)
  const changed = lines.filter(({ isDefault }) => !isDefault).length
  const count = lines.filter(({ origin }) => origin !== undefined).length
  stdout.write(`# ${changed === 0 ? 'every setting is a default' : `${changed} of ${count} settings are not defaults`}\n`)
  const column = Math.min(maxColumn, Math.max(...lines.map(({ text }) => text.length)))
  for (const line of lines) {
    const comment = commentOf(line, column)
    stdout.write(`${line.text}${paint(stdout, line.isDefault ? 'dim' : 'green', comment)}\n`)
  }
  return exitCodes.ok
}

function commentOf ({ text, origin }: EffectiveLine, column: number): string {
  return origin === undefined ? '' : `${' '.repeat(Math.max(0, column - text.length))}  # ${origin}`
}
