import { execFileSync } from 'node:child_process'
import { readdirSync, readlinkSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { batchesOf } from '../../src/delivery/batcher.ts'
import type { Segment } from '../../src/contracts/segment.ts'
import { createLineCutting, type LineLimits } from '../../src/sinks/file/line-batches.ts'
import { makeSegment } from '../support/segments.ts'

async function collect (segment: Segment, limits: LineLimits | undefined) {
  const batches = []
  const cutting = limits === undefined ? undefined : createLineCutting(limits)
  for await (const batch of batchesOf(segment, cutting)) {
    // The lines are only lent.
    batches.push({ ...batch, lines: batch.lines && Buffer.from(batch.lines) })
  }
  return batches
}

t.test('batches hold every line once, in order, whole, and within their limits', async t => {
  const directory = t.testdir()
  const line = fc.string({ unit: fc.constantFrom('a', '"', 'あ'), maxLength: 40 })
  await fc.assert(fc.asyncProperty(
    fc.array(line, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }),
    async (lines, maxBytes, maxRecords) => {
      const segment = makeSegment(directory, lines)
      const batches = await collect(segment, { maxBytes, maxRecords })
      const text = Buffer.concat(batches.map(batch => batch.lines ?? Buffer.alloc(0))).toString()
      t.equal(text, lines.map(each => `${each}\n`).join(''))
      for (const batch of batches) {
        t.ok(batch.records <= maxRecords)
        t.ok(batch.records === 1 || batch.endByte - batch.startByte <= maxBytes)
        t.equal(batch.lines?.toString().split('\n').length, batch.records + 1)
      }
      const inMemory = { ...segment, content: Buffer.from(text), path: join(directory, 'nowhere') }
      const same = await collect(inMemory, { maxBytes, maxRecords })
      t.same(same.map(batch => ({ ...batch, segment })), batches, 'the same from memory, without a file')
    }), { numRuns: 60 })
})

t.test('more is read until a batch is full, whatever was read at first', async t => {
  const lines = Array.from({ length: 40 }, (_, index) => 'x'.repeat(index))
  const segment = makeSegment(t.testdir(), lines)
  for (const readBytes of [1, 2, 7, 64, 10_000]) {
    const cutting = { ...createLineCutting({ maxBytes: 10_000, maxRecords: 30 }), readBytes }
    const counts = []
    for await (const batch of batchesOf(segment, cutting)) counts.push(batch.records)
    t.same(counts, [30, 10], `${readBytes} bytes at first`)
  }
})

t.test('delivery goes on where the cursor stands', async t => {
  const segment = makeSegment(t.testdir(), ['one', 'two', 'three'], { deliveredBytes: 4, deliveredRecords: 1 })
  const batches = await collect(segment, { maxBytes: 1000, maxRecords: 100 })
  t.same(batches.map(batch => batch.lines?.toString()), ['two\nthree\n'])
  const inMemory = { ...segment, content: Buffer.from('one\ntwo\nthree\n') }
  const same = await collect(inMemory, { maxBytes: 1000, maxRecords: 100 })
  t.same(same.map(batch => ({ ...batch, segment })), batches)
  const torn = { ...segment, content: Buffer.from('one\ntwo') }
  await t.rejects(collect(torn, { maxBytes: 1000, maxRecords: 100 }), { code: 'ERR_SPOOL_READ' })
})

t.test('a sink without limits gets the whole segment by name', async t => {
  const segment = makeSegment(t.testdir(), ['one', 'two'])
  t.same(await collect(segment, undefined),
    [{ segment, startByte: 0, endByte: 8, records: 2, lines: undefined }])
})

t.test('of a segment of which events were sent before, a sink without limits is told what is still pending', async t => {
  const segment = makeSegment(t.testdir(), ['one', 'two', 'three'], { deliveredBytes: 4, deliveredRecords: 1 })
  t.match(await collect(segment, undefined), [{ startByte: 4, endByte: segment.bytes, records: 2 }])
})

t.test('a segment that is shorter than its name says is an error to retry, after the lines that are there', async t => {
  const segment = makeSegment(t.testdir(), ['one', 'two'])
  truncateSync(segment.path, 6)
  const seen: unknown[] = []
  await t.rejects(async () => {
    const cutting = createLineCutting({ maxBytes: 1000, maxRecords: 1 })
    for await (const batch of batchesOf(segment, cutting)) seen.push(batch.lines?.toString())
  }, { code: 'ERR_SPOOL_READ', disposition: 'retry' })
  t.same(seen, ['one\n'])
})

t.test('a segment that is gone is an error to retry', async t => {
  const segment = { ...makeSegment(t.testdir(), ['one']), path: `${t.testdirName}/gone` }
  await t.rejects(collect(segment, { maxBytes: 10, maxRecords: 1 }), { code: 'ERR_SPOOL_READ' })
})

t.test('the file of a segment is closed when its batches end, however they do', async t => {
  const isOpen = ({ path }: Segment) => readdirSync('/proc/self/fd').some(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      // That of the directory, which is closed by now.
      return false
    }
  })
  const cutting = createLineCutting({ maxBytes: 1000, maxRecords: 1 })
  const segment = makeSegment(t.testdir(), ['one', 'two'])
  for await (const { lines } of batchesOf(segment, cutting)) t.ok(isOpen(segment), String(lines))
  t.notOk(isOpen(segment))
  const batches = batchesOf(segment, cutting)
  await batches.next()
  t.ok(isOpen(segment))
  await batches.return()
  t.notOk(isOpen(segment), 'given up')
  truncateSync(segment.path, 6)
  await t.rejects(collect(segment, { maxBytes: 1000, maxRecords: 1 }))
  t.notOk(isOpen(segment), 'it could not be read')
})

t.test('what somebody put in the place of a segment is not delivered, nor waited for', async t => {
  const directory = t.testdir({ secret: 'one\n' })
  const segment = { ...makeSegment(directory, ['one']), path: join(directory, 'other') }
  for (const [command, ...args] of [['mkfifo', segment.path], ['ln', '-s', 'secret', segment.path]] as const) {
    execFileSync(command, args)
    await t.rejects(collect(segment, { maxBytes: 10, maxRecords: 1 }), { code: 'ERR_SPOOL_READ' })
    rmSync(segment.path)
  }
})
