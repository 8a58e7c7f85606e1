import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { startWorld } from '../e2e/aws-world.ts'

const load = join(import.meta.dirname, '../../bench/load.ts')
const preload = join(import.meta.dirname, '../support/allocations.mjs')
const warmCount = 60_000
const count = 200_000

/** Of it, errors take nearly all, one line in twenty: their text is read, encoded and sent. It was 150 to 200. */
const mostMbOfMillion = 320

t.test('a million lines put a bounded number of bytes on the heap, from the socket to AWS', async t => {
  const sluice = (await startWorld(t)).start({ NODE_OPTIONS: `--import ${preload}`, COUNTS_ALLOCATIONS: 'yes' })
  await sluice.printed(/"listening"/)
  let calls = 0
  const allocatedMb = async () => {
    sluice.kill('SIGUSR2')
    const [, bytes] = await sluice.printed(new RegExp(`allocated, ${++calls}: (\\d+)`))
    return Number(bytes) / 1e6
  }
  const send = async (lineCount: number) => {
    const sender = spawn(process.execPath, [load, '--socket', sluice.socketPath, '--count', String(lineCount)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    t.same(await once(sender, 'close'), [0, null])
  }
  // The clients are loaded, and functions compiled.
  await send(warmCount)
  await allocatedMb()
  await send(count)
  const mbOfMillion = await allocatedMb() / count * 1e6
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
  t.match(sluice.report(), { received: warmCount + count, delivered: warmCount + count })
  t.ok(mbOfMillion < mostMbOfMillion, `${mbOfMillion.toFixed(0)} MB of heap a million lines`)
})
