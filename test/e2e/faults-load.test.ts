import t from 'tap'
import { createRandom } from '../support/access-lines.ts'
import { deliveredLines } from '../support/delivered.ts'
import type { SentRecord } from '../support/forward-frames.ts'
import { originalOf } from '../support/lines.ts'
import { observed } from '../support/operator.ts'
import { sendBytes, sendForAcks } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'

const recordsPerChunk = 30

/** Chunks of lines of all classes, each line another one. */
function * chunks (name: string): Generator<SentRecord[]> {
  for (let chunk = 0; ; chunk++) {
    yield Array.from({ length: recordsPerChunk }, (_, index) => {
      const mark = `${name}-${chunk}-${index}-`
      const [source, log] = [
        ['stdout', `{"status":200,"path":"/${mark}","agent":"${'x'.repeat(300)}"}`],
        // Complete by itself: what may go on in further lines is held by a join for a second, which is memory.
        ['stderr', `[Mon Nov 23 10:00:00.000000 2026] [php:warn] [pid 7] PHP Warning: ${mark}`],
        ['stdout', `plain ${mark}`],
      ][index % 3] ?? []
      return { timeMs: Date.now(), fields: { source: source ?? '', log: log ?? '', container_name: '/web' } }
    })
  }
}

function delivered (root: string): string[] {
  const { access, app, error } = deliveredLines(root)
  return [...access, ...app.map(line => originalOf(line, 'app')), ...error.map(line => originalOf(line, 'error'))]
}

const lineOf = ({ fields }: SentRecord) => fields['log'] ?? ''

t.test('what was acked is delivered, however often the process is killed under load', async t => {
  const directory = shortDirectory(t)
  const env = { ...observed, SLUICE_HTTP: 'off', SLUICE_OBJECTS_MAX_BYTES: '64KiB' }
  const acked: SentRecord[] = []
  for (const [life, killAfter] of [40, 7, 150].entries()) {
    const sluice = startSluice(t, { directory, env })
    await sluice.printed(/"started"/)
    let ackCount = 0
    const senders = ['a', 'b', 'c'].map(async name =>
      await sendForAcks(sluice.socketPath, chunks(`${life}${name}`), () => {
        if (++ackCount === killAfter) sluice.kill('SIGKILL')
      }))
    acked.push(...(await Promise.all(senders)).flat())
    await sluice.exited
    t.ok(ackCount >= killAfter, `killed after ${ackCount} chunks`)
  }
  const last = startSluice(t, { directory, env })
  await last.printed(/"started"/)
  last.kill('SIGTERM')
  t.equal(await last.exited, 0, 'the last life ends in order')

  const found = new Set(delivered(last.dataDir))
  const missing = acked.map(lineOf).filter(line => !found.has(line))
  t.same(missing.slice(0, 5), [], `all of ${acked.length} acked lines are delivered`)
  const isWhole = /^(\{"status":200,"path":"\/[\w-]+-","agent":"x{300}"\}|\[Mon [^\]]+\] \[php:warn\] \[pid 7\] PHP Warning: [\w-]+-|plain [\w-]+-)$/
  t.same([...found].filter(line => !isWhole.test(line)).slice(0, 5), [], 'and nothing but whole lines')
  const report = last.report()
  t.match(report, { balanced: true, received: 0, dropped: 0, pending: 0 })
  t.equal(report.delivered, report.recovered)
})

t.test('garbage on the socket, however much, costs a good sender nothing', async t => {
  const sluice = startSluice(t, { env: { ...observed, SLUICE_HTTP: 'off' } })
  await sluice.printed(/"started"/)
  const startedMs = performance.now()
  const random = createRandom(7)
  const over = new AbortController()
  let garbageCount = 0
  const flood = async () => {
    for (; !over.signal.aborted; garbageCount++) await sendBytes(sluice.socketPath, garbage(random))
  }
  const floods = Array.from({ length: 4 }, flood)
  const good: SentRecord[][] = []
  // Both come to their numbers, whichever is the faster.
  const goodChunks = function * () {
    for (const chunk of chunks('good')) {
      if (good.length >= 150 && garbageCount > 50) return
      good.push(chunk)
      yield chunk
    }
  }
  const acked = await sendForAcks(sluice.socketPath, goodChunks())
  over.abort()
  await Promise.all(floods)
  t.equal(acked.length, good.length * recordsPerChunk, 'every chunk is acked')
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, 'it lived on')
  t.same(delivered(sluice.dataDir).sort(), good.flat().map(lineOf).sort())
  t.match(sluice.report(), { balanced: true, received: acked.length, delivered: acked.length, dropped: 0 })
  const refusals = sluice.output().match(/frame refused/g)?.length ?? 0
  const minutes = Math.ceil((performance.now() - startedMs) / 60_000)
  t.ok(refusals > 0 && refusals <= 31 * (minutes + 1), 'its own log is not flooded')
})

/** What a stranger may send: another protocol, noise, claims of endless lengths, and frames that break off. */
function garbage (random: (limit: number) => number): Buffer {
  switch (random(5)) {
    case 0: return Buffer.from('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    case 1: return Buffer.from(Array.from({ length: 2000 }, () => 0xc1 - random(0x30)))
    case 2: return Buffer.from([0x93, 0xa1, 0x61, 0xdd, 0xff, 0xff, 0xff, 0xff])
    case 3: return Buffer.alloc(100_000, 0x91)
    default: return Buffer.from([0x94, 0xa1, 0x61, 0xcf, 0, 0, 0, 0, 1, 0x81, 0xa3])
  }
}
