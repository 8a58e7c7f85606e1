import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { systemClock } from '../../src/contracts/clock.ts'
import type { LogRecord } from '../../src/contracts/record.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import { FrameIntake, type FrameOwner } from '../../src/sources/forward/frame-intake.ts'
import { createForwardShare } from '../../src/sources/forward/share.ts'
import { encode, limits } from '../sources/support.ts'
import { createRandom } from '../support/access-lines.ts'
import { frameMutator } from '../support/mutated-frames.ts'
import { containerMiB, makeProduct } from '../support/product.ts'
import { startScenario } from '../support/scenario.ts'
import { closeOf } from '../support/sender.ts'
import { uniqueLines } from '../support/unique-lines.ts'

t.setTimeout(7_200_000)

/** FRAMES=10000000 takes a quarter of an hour. */
const frameCount = Number(process.env['FRAMES'] ?? 20_000)
const seed = Number(process.env['SEED'] ?? 20261129)
const MiB = 1024 * 1024
/** The good sender's turn comes after so many broken frames. */
const between = 50

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What is held after all garbage is collected, and what was closed is freed. */
async function heldMiB (): Promise<number> {
  collectGarbage()
  await delay(50)
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MiB
}

t.test(`${frameCount} mutated frames are read or refused, one by one, and none does anything else (seed ${seed})`, async t => {
  const next = frameMutator(createRandom(seed))
  const counts = { read: 0, refused: 0, records: 0 }
  let goodLine = ''
  const accept = ({ bytes, start, end }: LogRecord) => {
    if (start < 0 || start > end || end > bytes.length) throw new Error(`a record of ${start} to ${end} of ${bytes.length} bytes`)
    counts.records++
    goodLine = end - start < 100 ? bytes.toString('latin1', start, end) : ''
    return true
  }
  const acceptor = { isFull: false, accept, whenWritable: async () => undefined, stored: async () => true }
  const share = createForwardShare({ room: acceptor, clock: systemClock, maxStallMs: 1000, maxMemoryBytes: 16 * MiB })
  const owner: FrameOwner = { onFrame: () => true, onPause () {}, ready: () => undefined, onEvicted () {} }
  const options = { source: 'unix', limits, acceptor, clock: systemClock, counts: { linesCut: { value: 0 }, lagMs: 0 }, share }
  const take = async (intake: FrameIntake, bytes: Buffer) => {
    await intake.begin(bytes.length)
    await intake.take(bytes)
  }
  const good = new FrameIntake(options, owner)
  let [warmMiB, mostMiB] = [0, 0]
  for (let index = 0; index < frameCount; index++) {
    const bytes = next()
    const bad = new FrameIntake(options, owner)
    try {
      await take(bad, bytes)
      counts.read++
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'ERR_FRAME') {
        t.fail(`frame ${index} throws`, { error, frame: bytes.toString('base64').slice(0, 4000) })
        return
      }
      counts.refused++
    }
    bad.close()
    if (index % between !== 0) continue
    const log = `good ${index}`
    await take(good, encode(['web', 1_795_462_683, { log, source: 'stdout' }]))
    if (goodLine !== log) {
      t.fail(`the good sender's line after frame ${index} is ${goodLine}`)
      return
    }
    if (index % 10_000 !== 0) continue
    mostMiB = Math.max(mostMiB, await heldMiB())
    if (index <= frameCount / 5) warmMiB = mostMiB
  }
  good.close()
  t.comment(`${counts.read} read, ${counts.refused} refused, ${counts.records} records; held at most ${Math.round(mostMiB)} MiB`)
  t.equal(share.memory.usedBytes, 0, 'nobody holds memory any more')
  t.ok(counts.refused > frameCount / 5 && counts.read > frameCount / 20, 'of both there are many')
  t.ok(mostMiB < warmMiB + 16, `${Math.round(warmMiB)} MiB after a fifth of them, at most ${Math.round(mostMiB)} MiB`)
})

const sentCount = Math.max(1000, Math.ceil(frameCount / 50))

t.test(`${sentCount} mutated frames over sockets harm no line of a good sender (seed ${seed})`, async t => {
  const { program, env } = await makeProduct(t)
  const scenario = await startScenario(t, { program, env: { ...env, SLUICE_TCP: '127.0.0.1:0' } })
  const sluice = await scenario.start()
  const [, port = ''] = await sluice.printed(/"source":"tcp".*"port":(\d+),"msg":"listening"/)
  const next = frameMutator(createRandom(seed + 1))
  const over = new AbortController()
  let sent = 0
  const strangers = Array.from({ length: 24 }, async (_, index) => {
    while (sent < sentCount) {
      const socket = index % 2 === 0 ? connect(sluice.socketPath) : connect(Number(port), '127.0.0.1')
      const closed = closeOf(socket)
      socket.resume()
      socket.write(next())
      // Some break off, some say that they have ended.
      if (++sent % 3 === 0) setTimeout(() => socket.destroy(), 5)
      else socket.end()
      await closed
    }
  })
  const good = (async () => {
    for (let round = 0; !over.signal.aborted; round++) {
      const taken = await scenario.sendForAcks(sluice, uniqueLines(`good-${round}`, 20), 6)
      if (taken.length < 60) throw new Error('the good sender was cut off')
      await delay(20)
    }
  })()
  await Promise.all(strangers)
  over.abort()
  await good
  const peakMiB = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${sluice.pid}/status`, 'utf8'))?.[1]) / 1024
  const report = await scenario.stop(sluice)
  t.comment(`${report.received} records received, ${scenario.sent.length} of them good; the peak is ${Math.round(peakMiB)} MiB`)
  t.ok(peakMiB < containerMiB, `the peak is ${Math.round(peakMiB)} MiB`)
  t.notMatch(sluice.output(), /unexpected|reading a connection failed|"stage"/)
  t.equal(scenario.acked.length, scenario.sent.length, 'every chunk of the good sender is acked')
  scenario.balance(t, { hasStrangers: true })
})
