import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArguments, say } from './arguments.ts'
import { circumstances, spread } from './figures.ts'
import { sluiceRouter } from './router.ts'
import { steadyOf, steadyOptions, steadyOptionsHelp, steadyRows, steadyWords } from './steady-options.ts'
import { measureSteady, type Steady } from './steady-second.ts'

const help = `The ordinary second: what the bundled file takes at a steady rate, each line its
own write, once it is warm. It delivers to a stand-in of AWS.

  npm run bench:steady -- --rate 1000 --warm 10 --seconds 20

  --runs N       how often (1)
${steadyOptionsHelp}`

const values = readArguments(help, { runs: 1, ...steadyOptions, rate: 100 })
const load = steadyOf(values)
const directory = mkdtempSync(join(tmpdir(), 'sluice-steady-'))
try {
  const router = await sluiceRouter(directory)
  const runs: Steady[] = []
  for (let run = 1; run <= values.runs; run++) {
    say(`run ${run} of ${values.runs}: ${steadyWords(load)} ...`)
    runs.push(await measureSteady(router, load))
  }
  console.log(`${steadyWords(load)}\n${circumstances()}\n\n${spread('', runs, steadyRows)}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
