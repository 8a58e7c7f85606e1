import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mistake, readArguments } from './arguments.ts'

const help = `What Sluice costs.

  npm run bench                      the hot parts, each beside its floor
  npm run bench -- decode classify   parts more closely, by the names of files
  npm run bench -- --against CMD     Sluice and any other router in pairs;
                                     npm run bench -- --against CMD --help
  npm run bench:pipeline             the whole process at full speed
  npm run bench:steady               the ordinary second
  npm run bench:latency              from a line's arrival to the spool's file

bench/README.md says what each file measures, and has the last figures.
`

if (process.argv.some(argument => argument.startsWith('--against'))) {
  await import('./against.ts')
} else {
  // What follows the names of parts is theirs.
  const names = process.argv.slice(2)
  const firstOption = names.findIndex(name => name.startsWith('-'))
  const options = firstOption < 0 ? [] : names.splice(firstOption)
  if (names.length === 0) readArguments(help, {})
  for (const part of names.length > 0 ? names : ['parts']) {
    const file = join(import.meta.dirname, `${part}.ts`)
    if (!existsSync(file)) mistake(`there is no bench/${part}.ts`, help)
    const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...options], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = status ?? 1
  }
}
