import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { table } from '../src/cli/table.ts'
import { readArguments, say } from './arguments.ts'
import { circumstances, shown } from './figures.ts'
import { isError } from './lines.ts'
import { sluiceRouter, startRouter, type Router } from './router.ts'
import { watchSpool } from './spool-watch.ts'
import { startStandIn } from './stand-in.ts'
import { createTemplates, renumber } from './templates.ts'

const help = `From the write of an access line to the unix socket until the spool's file has
it, which is what an ack promises (but for spool.sync: always). The bundled
file, Message mode; up to 1,000 lines a second each line is its own write.

  npm run bench:latency -- --rates 100,1000 --seconds 20

  --rates LIST   lines a second (100,1000,100000)
  --warm N       seconds before it is measured (5)
  --seconds N    seconds for which it is (10)

"Timers" is by how much timers of the sender are late: what the machine's other
work adds to everything.
`

const values = readArguments(help, { rates: [100, 1000, 100_000], warm: 5, seconds: 10 })

interface Latencies {
  /** Lines a second that were sent: fewer than asked for where the machine has no time for them. */
  readonly reached: number
  /** Sorted, as the next. */
  readonly waitsMs: Float64Array
  readonly lateMs: Float64Array
  /** Access lines that no file was seen to have. */
  readonly missing: number
}

function waitsOf (sentMs: Float64Array, storedMs: Float64Array, fromSequence: number) {
  const waits: number[] = []
  let missing = 0
  for (let sequence = fromSequence; sequence < sentMs.length; sequence++) {
    const [sent = 0, stored = 0] = [sentMs[sequence], storedMs[sequence]]
    if (isError(sequence)) continue
    if (stored === 0) missing++
    else waits.push(stored - sent)
  }
  return { waitsMs: Float64Array.from(waits).sort(), missing }
}

/** So long at most is waited for what was sent last. */
const mostSettleMs = 20_000

async function measure (router: Router, rate: number): Promise<Latencies> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-latency-'))
  const standIn = await startStandIn()
  try {
    const running = await startRouter(router, directory, standIn)
    const per = rate <= 1000 ? 1 : 100
    const warmCount = rate * values.warm
    const count = Math.ceil((warmCount + rate * values.seconds) / per) * per
    const templates = createTemplates({ workload: 'mixed', mode: 'message', per, containers: 1 }, count)
    const sentMs = new Float64Array(count)
    const storedMs = new Float64Array(count)
    const late: number[] = []
    const socket = connect(running.socketPath)
    await once(socket, 'connect')
    const route = join(directory, 'data/bench/spool/access/_')
    let unwatch: (() => void) | undefined
    const startMs = performance.now()
    for (let sent = 0, round = 0; sent < count; sent += per, round++) {
      const template = templates[round % templates.length]
      if (template === undefined) throw new Error('nothing to send')
      await template.taken
      renumber(template, sent)
      sentMs.fill(performance.now(), sent, sent + per)
      template.taken = new Promise(resolve => socket.write(template.bytes, () => resolve()))
      if (unwatch === undefined && existsSync(route)) {
        unwatch = watchSpool(route, sequence => { storedMs[sequence] = performance.now() })
      }
      const dueMs = startMs + (sent + per) / rate * 1000
      if (dueMs > performance.now() + 1) {
        await sleep(dueMs - performance.now())
        if (sent > warmCount) late.push(Math.max(0, performance.now() - dueMs))
      } else {
        // What the kernel has to tell of the spool is told between two turns.
        await turn()
      }
    }
    const reached = count / (performance.now() - startMs) * 1000
    const lastMs = performance.now() + mostSettleMs
    while (waitsOf(sentMs, storedMs, warmCount).missing > 0 && performance.now() < lastMs) await sleep(200)
    unwatch?.()
    socket.destroy()
    await running.stop()
    return { reached, ...waitsOf(sentMs, storedMs, warmCount), lateMs: Float64Array.from(late).sort() }
  } finally {
    await standIn.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const at = (sorted: Float64Array, part: number) =>
  sorted.length === 0 ? '' : shown(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN, 1)

const directory = mkdtempSync(join(tmpdir(), 'sluice-latency-'))
try {
  const router = await sluiceRouter(directory, { SLUICE_HOST_ID: 'bench' })
  const rows: string[][] = []
  for (const rate of values.rates) {
    say(`${shown(rate)} lines a second, ${values.seconds} s after the first ${values.warm} ...`)
    const { reached, waitsMs, lateMs, missing } = await measure(router, rate)
    const waits = [0.5, 0.99, 1].map(part => at(waitsMs, part))
    rows.push([shown(rate), shown(reached), ...waits, at(lateMs, 0.5), at(lateMs, 0.99), shown(missing)])
  }
  const head = ['lines a second', 'reached', 'p50, ms', 'p99', 'most', 'timers p50', 'p99', 'not seen']
  console.log(`${circumstances()}\n\n${table([head, ...rows], head.map((_, column) => column))}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
