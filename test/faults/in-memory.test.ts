import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { SentRecord } from '../support/forward-frames.ts'
import { createHooks } from '../support/hooks.ts'
import { askAt, observed } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice, type SluiceProcess } from '../support/sluice-process.ts'

t.setTimeout(300_000)

// What is in memory already waits for room: on a disk that works nothing of it is dropped, however much comes at once.

const KiB = 1024
const MiB = 1024 * KiB
const timeMs = Date.now()
/** A hundred times what joins and buffers may hold. */
const maxSentCount = 100 * 2400

/** With the default settings, on a disk that works. */
async function start (t: Test, env: Readonly<Record<string, string>> = {}): Promise<SluiceProcess> {
  const sluice = startSluice(t, {
    env: { SLUICE_SPOOL_MAX_STALL: '1s', SLUICE_STOP_QUIET: '200ms', SLUICE_FILE_MIN_FREE_BYTES: '0B', ...env },
  })
  await sluice.printed(/"msg":"started"/)
  return sluice
}

/** The ledger balances, and every record that was sent is delivered. */
async function expectAll (t: Test, sluice: SluiceProcess, sentCount: number): Promise<void> {
  sluice.kill('SIGTERM')
  await sluice.exited
  const { balanced, received, dropped, pending, by } = sluice.report()
  t.match({ balanced, received, dropped, pending }, { balanced: true, received: sentCount, dropped: 0, pending: 0 },
    JSON.stringify(by))
}

interface Piece {
  readonly id: string
  readonly container: string
  readonly source: string
  readonly ordinal: number
  readonly isLast: boolean
}

/** As Docker cuts a long line. */
function piece ({ id, container, source, ordinal, isLast }: Piece): SentRecord {
  return {
    timeMs,
    fields: {
      source,
      container_name: container,
      log: `${id} ${ordinal} ${'x'.repeat(16 * KiB)}`.slice(0, 16 * KiB),
      partial_message: 'true',
      partial_id: id,
      partial_ordinal: `${ordinal}`,
      partial_last: `${isLast}`,
    },
  }
}

/** The first three pieces of lines whose last never comes, so that all of them end together. */
function unfinished (lineCount: number): SentRecord[] {
  return Array.from({ length: lineCount * 3 }, (_, index) => piece({
    id: `${Math.floor(index / 3)}`, container: '/web', source: 'stdout', ordinal: index % 3 + 1, isLast: false,
  }))
}

t.test('lines whose joins end together wait for room', async t => {
  const sluice = await start(t, { SLUICE_JOIN_PARTIALS_MAX_AGE: '1s', SLUICE_HTTP: '127.0.0.1:0' })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sendRecords(sluice.socketPath, unfinished(60))
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    if (/sluice_joins_cut_total\{kind="partial",reason="time"\} 60\n/.test(text)) break
    await delay(20)
  }
  await expectAll(t, sluice, 180)
})

t.test('so do lines whose joins end at a stop', async t => {
  const sluice = await start(t, { SLUICE_JOIN_PARTIALS_MAX_AGE: '1m' })
  await sendRecords(sluice.socketPath, unfinished(60))
  await expectAll(t, sluice, 180)
  t.equal(sluice.report().joined, 120)
})

t.test('so do long lines of ten containers, whose last pieces come at once', async t => {
  const sluice = await start(t)
  const pieces = Array.from({ length: 640 }, (_, index) => piece({
    id: `${index % 10}`,
    container: `/web${index % 10}`,
    source: 'stderr',
    ordinal: Math.floor(index / 10) + 1,
    isLast: index >= 630,
  }))
  await sendRecords(sluice.socketPath, pieces)
  await expectAll(t, sluice, 640)
})

t.test('so do traces of 1,500 containers', async t => {
  const sluice = await start(t, { SLUICE_STOP_DEADLINE: '5s' })
  const lines = Array.from({ length: 4500 }, (_, index) => ({
    timeMs,
    fields: {
      source: 'stderr',
      container_name: `/web${index % 1500}`,
      log: `[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: ${index} in /a.php:2`,
    },
  }))
  await sendRecords(sluice.socketPath, lines)
  sluice.kill('SIGTERM')
  await sluice.exited
  const { balanced, received, dropped, by } = sluice.report()
  t.match({ balanced, received, dropped }, { balanced: true, received: 4500, dropped: 0 }, JSON.stringify(by))
})

t.test('on a disk that hangs joins hold what they have, memory is bounded, and the stop counts what was lost', async t => {
  const directory = shortDirectory(t)
  const hooks = createHooks(directory)
  // Opening the lock never returns, as on a network file system whose server is gone: nothing can be written.
  hooks.breakDisk({ operations: ['open', 'write'], code: 'hold', path: '/data/task1/lock' })
  const sluice = startSluice(t, {
    directory,
    env: {
      ...observed,
      ...hooks.env,
      SLUICE_SPOOL_MAX_STALL: '100ms',
      SLUICE_JOIN_PARTIALS_MAX_AGE: '500ms',
      SLUICE_JOIN_PARTIALS_MAX_OPEN: '10000',
      SLUICE_STOP_DEADLINE: '2s',
    },
  })
  const operator = await askAt(sluice)
  // Each round is 9.6 MB: some of them are several times what joins and buffers may hold.
  let sentCount = 0
  let health = await operator.health()
  while (health.ledger.dropped.total === 0 && sentCount < maxSentCount) {
    await sendRecords(sluice.socketPath, unfinished(200))
    sentCount += 600
    t.equal(await operator.live(), 200)
    // What was sent is in the kernel's buffers for a moment.
    do health = await operator.health()
    while (health.ledger.received.total < sentCount)
    const { joins, buffers } = health.memory.shares
    t.ok(buffers !== undefined && buffers.usedBytes <= buffers.maxBytes + MiB, `buffers hold ${buffers?.usedBytes}`)
    t.ok(joins !== undefined && joins.usedBytes <= joins.maxBytes, `joins hold ${joins?.usedBytes}`)
    t.match(health.ledger, { received: { total: sentCount }, isBalanced: true })
  }
  t.ok(health.ledger.dropped.total > 0, 'what a socket brought ends after the stall')
  sluice.kill('SIGTERM')
  const beganMs = performance.now()
  await sluice.exited
  t.ok(performance.now() - beganMs < 20_000, 'the deadline ends it')
  const report = sluice.report()
  t.match(report, { balanced: true, received: sentCount, delivered: 0, pending: 0 })
  t.equal(report.dropped + report.joined, sentCount)
})
