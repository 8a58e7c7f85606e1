import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArguments, say } from './arguments.ts'
import { circumstances, shown, spread } from './figures.ts'
import { measureFullSpeed, type FullSpeed } from './full-speed.ts'
import { fullSpeedRows, loadOf, loadOptions, loadOptionsHelp, loadWords, routerFor } from './loads.ts'

const help = `The whole process at full speed: the bundled file, a sender of its own, a
stand-in of AWS. It is stopped right after the last line, and every line is
compared.

  npm run bench:pipeline -- --count 300000 --runs 1

  --runs N           how often (3)
${loadOptionsHelp}
Variables are passed on: SLUICE_OBJECTS_COMPRESSION=zstd npm run bench:pipeline
`

const values = readArguments(help, { runs: 3, ...loadOptions })
const load = loadOf(values)
const directory = mkdtempSync(join(tmpdir(), 'sluice-pipeline-'))
try {
  const router = await routerFor(directory, load)
  const runs: FullSpeed[] = []
  for (let run = 1; run <= values.runs; run++) {
    say(`run ${run} of ${values.runs}: ${shown(load.count)} lines ...`)
    runs.push(await measureFullSpeed(router, load))
  }
  console.log(`${loadWords(load)}\n${circumstances()}\n\n${spread('', runs, fullSpeedRows)}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
