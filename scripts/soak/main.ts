import { setTimeout as delay } from 'node:timers/promises'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { numeral } from '../../src/telemetry/words.ts'
import { createRandom } from '../../test/support/access-lines.ts'
import { createHooks } from '../../test/support/hooks.ts'
import { startScenario } from '../../test/support/scenario.ts'
import { shortDirectory, type ExitReport, type Owner, type SluiceProcess } from '../../test/support/sluice-process.ts'
import { scriptArguments, scriptMistake } from '../arguments.ts'
import { startLoad } from './load.ts'
import { drawTrouble, type Sufferer } from './troubles.ts'
import { look, overTime, type Look } from './watch.ts'

const help = `Runs Sluice under a steady load with random troubles, and then holds every line
that was sent against what the stand-in of AWS holds.

  npm run soak -- --minutes 10 --seed 1

  --minutes N   how long (10)
  --seed N      the same seed draws the same troubles (1)
  --senders N   each sends 90 lines a second (3)

Exits with 1 when the books do not balance, or a line is lost, altered or where
it should not be.
`

const say = (text: string) => process.stdout.write(`${text}\n`)
/** Drops that these troubles may cause: the disk takes nothing for longer than senders wait. */
const mayDrop = ['memory', 'disk', 'damaged']
const terms = ['received', 'recovered', 'made', 'delivered', 'filtered', 'rejected', 'dropped', 'joined', 'pending'] as const

async function soak (owner: Owner, minutes: number, seed: number, senderCount: number): Promise<boolean> {
  const random = createRandom(seed)
  const hooks = createHooks(shortDirectory(owner))
  const env = { ...hooks.env, SLUICE_STOP_DEADLINE: '60s', SLUICE_DELIVERY_REQUEST_TIMEOUT: '3s' }
  const scenario = await startScenario(owner, { env })
  let sluice: SluiceProcess = await scenario.start()
  let port = await portOf(sluice)
  const startMs = performance.now()
  const seconds = () => (performance.now() - startMs) / 1000
  const load = startLoad(scenario, sluice.socketPath, senderCount)
  const looks: Look[] = []
  const worst = { waitMs: 0, unbalancedCount: 0 }
  const timer = setInterval(() => {
    void look(sluice.pid, port, seconds()).then(found => {
      if (found === undefined) return
      looks.push(found)
      if (!found.isBalanced) worst.unbalancedCount++
    })
  }, 1000)
  const sufferer: Sufferer = {
    scenario,
    hooks,
    socketPath: sluice.socketPath,
    httpPort: () => port,
    signal: name => sluice.kill(name),
    restart: async signal => {
      if (signal === 'SIGKILL') await scenario.kill(sluice)
      else {
        sluice.kill('SIGTERM')
        await scenario.ended(sluice)
      }
      sluice = await scenario.start()
      port = await portOf(sluice)
    },
  }
  say(`${minutes} minutes, seed ${seed}, ${senderCount} senders. Time, longest wait for an ack, resident memory, trouble:`)
  while (seconds() < minutes * 60) {
    await delay(1000 + random(4000))
    const trouble = drawTrouble(random)
    load.longestWaitMs()
    await trouble.happen(sufferer, 1000 + random(6000))
    const waitMs = load.longestWaitMs()
    worst.waitMs = Math.max(worst.waitMs, waitMs)
    const last = looks.at(-1)
    say(`${seconds().toFixed(0).padStart(5)} s ${waitMs.toFixed(0).padStart(6)} ms ${String(last?.residentMiB ?? '-').padStart(5)} MiB  ${trouble.name}`)
  }
  scenario.aws.faults.clear()
  hooks.mendDisk()
  hooks.stepClock(0)
  await load.stop()
  clearInterval(timer)
  sluice.kill('SIGTERM')
  await scenario.ended(sluice)
  const wrong = scenario.discrepancies({ hasStrangers: true, mayRepeat: true, refusedCount: 'unacked', mayDrop })
  if (worst.unbalancedCount > 0) wrong.push(`the ledger did not balance in ${worst.unbalancedCount} looks`)
  const reports = scenario.lives.filter(report => report !== undefined)
  say(`\n${scenario.lives.length} lives, ${scenario.lives.length - reports.length} of them killed. ` +
    `${numeral(scenario.sent.length)} lines sent, ${numeral(scenario.acked.length)} of them acked.`)
  say(ledgerOf(reports))
  say(`resident memory, the most of each tenth of the time, MiB: ${overTime(looks, ({ residentMiB }) => residentMiB, minutes * 60)}`)
  say(`event loop, the longest delay of each tenth, ms:          ${overTime(looks, ({ loopMs }) => loopMs, minutes * 60)}`)
  say(`pending, the most of each tenth, records:                 ${overTime(looks, ({ pending }) => pending, minutes * 60)}`)
  say(`worst delay of the event loop: ${Math.max(0, ...looks.map(({ loopMs }) => loopMs))} ms`)
  for (const each of wrong.slice(0, 20)) say(`WRONG: ${each}`)
  say(wrong.length === 0 ? 'The books balance, line by line.' : `The books do NOT balance: ${wrong.length} discrepancies.`)
  return wrong.length === 0
}

async function portOf (sluice: SluiceProcess): Promise<number> {
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  return Number(port)
}

/** The ledgers of all lives that could say theirs, added up. */
function ledgerOf (reports: readonly ExitReport[]): string {
  const rows = terms.map(term => `  ${term.padEnd(10)}${numeral(reports.reduce((sum, report) => sum + report[term], 0)).padStart(10)}`)
  const dropped = reports.flatMap(({ by }) => Object.entries(by['dropped'] ?? {})).map(([key, count]) => `${key} ${count}`)
  return ['The ledgers of the lives that were not killed, added up:', ...rows,
    ...(dropped.length > 0 ? [`  dropped as: ${dropped.join(', ')}`] : [])].join('\n')
}

const number = { type: 'string', help: '' } as const
const given = scriptArguments(help, { minutes: number, seed: number, senders: number }, 'none')
const [minutes, seed, senders] = [numberOf('minutes', 10), numberOf('seed', 1), numberOf('senders', 3)]
const undo: Array<() => unknown> = []
try {
  const owner: Owner = { teardown: each => { undo.unshift(each) } }
  process.exitCode = await soak(owner, minutes, seed, senders) ? exitCodes.ok : exitCodes.failed
} finally {
  for (const each of undo) await each()
}

function numberOf (name: keyof typeof given & string, fallback: number): number {
  const text = given[name] ?? String(fallback)
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : scriptMistake(`--${name}: expected a number, found '${text}'`, help)
}
