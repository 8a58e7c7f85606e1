import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bundle } from '../scripts/bundle.ts'
import { table } from '../src/cli/table.ts'
import { startAws } from '../test/support/aws/server.ts'
import { usedBy } from '../test/support/process-usage.ts'

/**
 * The ordinary second: what the bundled file takes at a steady rate, each line its own write, once it is warm. It
 * delivers to the project's own stand-in of AWS.
 *
 *   npm run bench:steady -- --rate 100 --warm 20 --seconds 40      (--rate 0: idle)
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100' },
    warm: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '40' },
  },
})
const [rate, warmSeconds, seconds] = [Number(values.rate), Number(values.warm), Number(values.seconds)]

const directory = mkdtempSync(join(tmpdir(), 'sluice-steady-'))
const aws = await startAws({ buckets: ['logs'], groups: ['/app'] })
try {
  const file = join(directory, 'sluice.cjs')
  const socket = join(directory, 'fluent.sock')
  await bundle(file)
  const sluice = spawn(process.execPath, [file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      ...aws.environment,
      SLUICE_UNIX_SOCKET: socket,
      SLUICE_TCP: 'off',
      SLUICE_HTTP: '127.0.0.1:0',
      SLUICE_DATA_DIR: join(directory, 'data'),
      SLUICE_LOG_GROUP: '/app',
      SLUICE_BUCKET: 'logs',
    },
  })
  const exited = once(sluice, 'exit')
  while (!existsSync(socket)) await sleep(20)
  const load = rate === 0
    ? undefined
    : spawn(process.execPath, [join(import.meta.dirname, 'load.ts'), '--socket', socket, '--per', '1',
      '--rate', String(rate), '--count', String(rate * (warmSeconds + seconds + 1))], { stdio: 'ignore' })
  await sleep(warmSeconds * 1000)
  const fromMs = performance.now()
  const from = usedBy(sluice.pid ?? 0)
  await sleep(seconds * 1000)
  const tookSeconds = (performance.now() - fromMs) / 1000
  const to = usedBy(sluice.pid ?? 0)
  const rssMb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sluice.pid}/status`, 'utf8'))?.[1]) / 1024
  load?.kill()
  sluice.kill('SIGTERM')
  await exited
  process.stdout.write(`${table([
    ['lines a second', String(rate)],
    ['CPU, % of a core', ((to.cpuMs - from.cpuMs) / tookSeconds / 10).toFixed(2)],
    ['wake-ups a second', ((to.wakeUps - from.wakeUps) / tookSeconds).toFixed(0)],
    ['RSS, MB', rssMb.toFixed(0)],
  ])}\n`)
} finally {
  await aws.close()
  rmSync(directory, { recursive: true, force: true })
}
