import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArguments, say } from './arguments.ts'
import { circumstances, pairs, type Row } from './figures.ts'
import { measureFullSpeed } from './full-speed.ts'
import { fullSpeedRows, loadOf, loadOptions, loadOptionsHelp, loadWords, routerFor } from './loads.ts'
import { otherRouter, type Router } from './router.ts'
import { steadyOf, steadyOptions, steadyRows, steadyWords } from './steady-options.ts'
import { measureSteady } from './steady-second.ts'

const help = `Sluice and any other router in pairs: the same load, stand-in of AWS and checks,
one after the other, the other first in every second pair.

  npm run bench -- --against 'fluent-bit -c bench/fluent-bit.conf' --pairs 3

The command runs in a shell, as one process, and finds in its environment:

  $BENCH_SOCKET      where to listen for the Forward protocol, a unix socket
  $BENCH_LOG_GROUP   where errors go (what came from stderr)
  $BENCH_BUCKET      where all other lines go
  $BENCH_REGION      of both
  $BENCH_AWS_HOST    where AWS is, at the ports $BENCH_AWS_PORT and, with TLS,
                     $BENCH_AWS_TLS_PORT; also $AWS_ENDPOINT_URL and credentials
  $BENCH_DIR         a directory of its own

  --pairs N          how many (5)
  --rate N           an ordinary second of N lines a second, each its own write,
                     in place of full speed; also --warm (20), --seconds (40)
${loadOptionsHelp}`

const fallbacks = { against: '', pairs: 5, rate: '', ...steadyOptions, ...loadOptions }
const values = readArguments(help, fallbacks)
const directory = mkdtempSync(join(tmpdir(), 'sluice-against-'))

async function measurePairs<Run> (
  words: string, measure: (router: Router) => Promise<Run>, rows: readonly Row<Run>[]
): Promise<void> {
  const routers = { ours: await routerFor(directory, values), theirs: otherRouter(values.against) }
  const runs: Record<keyof typeof routers, Run[]> = { ours: [], theirs: [] }
  for (let pair = 1; pair <= values.pairs; pair++) {
    const order = pair % 2 === 1 ? ['ours', 'theirs'] as const : ['theirs', 'ours'] as const
    for (const side of order) {
      say(`pair ${pair} of ${values.pairs}, ${routers[side].name} ...`)
      runs[side].push(await measure(routers[side]))
    }
  }
  console.log(`${words}\n${circumstances()}\n\n${pairs('medians', runs.ours, runs.theirs, rows)}`)
}

try {
  if (values.rate !== '') {
    const load = steadyOf({ ...values, rate: Number(values.rate) })
    await measurePairs(steadyWords(load), router => measureSteady(router, load), steadyRows)
  } else {
    const load = loadOf(values)
    await measurePairs(loadWords(load), router => measureFullSpeed(router, load), fullSpeedRows)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
