import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments } from './arguments.ts'

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
  const { positionals } = readArguments(help, {}, true)
  for (const part of positionals.length > 0 ? positionals : ['parts']) {
    const file = join(import.meta.dirname, `${part}.ts`)
    if (!existsSync(file)) throw new Error(`there is no bench/${part}.ts`)
    const { status } = spawnSync(process.execPath, ['--expose-gc', file], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
