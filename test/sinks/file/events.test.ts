import { appendFileSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { KeyedMutex } from '../../../src/contracts/mutex.ts'
import { batchesOf } from '../../../src/delivery/batcher.ts'
import { createFileEventsSink } from '../../../src/sinks/file/events.ts'
import { createLineCutting } from '../../../src/sinks/file/line-batches.ts'
import { putFileInPlaceOf } from '../../support/in-the-way.ts'
import { makeSegment } from '../../support/segments.ts'
import { sinkContract } from '../../support/sink-contract.ts'

const never = new AbortController().signal
const limits = { maxBytes: 4000, maxRecords: 2 }
const cutting = createLineCutting(limits)

function createSink (directory: string, streams = new KeyedMutex<string>()) {
  return createFileEventsSink({
    directory: () => directory,
    group: 'logs/shop',
    streamTemplate: '{container}/{task}/{class}',
    values: { task: 'task1' },
    limits,
    minFreeBytes: 0,
    streams,
  })
}

sinkContract(t, 'file events', async (t: Test) => {
  const directory = join(t.testdir({ out: {} }), 'out')
  return {
    sink: createSink(directory),
    stored: async () => globSync('**/*.ndjson', { cwd: directory }).sort()
      .flatMap(name => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1)),
    breakDestination: async () => putFileInPlaceOf(directory),
    line: text => JSON.stringify({ t: 1, c: 'web', m: text }),
    isIdempotent: false,
  }
})

t.test('events go to the file of their group and stream', async t => {
  const directory = t.testdir()
  const segment = makeSegment(directory, ['{"m":"a"}'], { route: 'error', container: 'web' })
  for await (const batch of batchesOf(segment, cutting)) await createSink(directory).send(batch, never)
  t.equal(readFileSync(join(directory, 'logs/shop/web/task1/error.ndjson'), 'utf8'), '{"m":"a"}\n')
})

t.test('a container name from outside cannot leave its directory', async t => {
  const directory = t.testdir({ out: {} })
  for (const container of ['../../etc', '..', '', '/root', 'a/b', '.']) {
    const segment = makeSegment(directory, ['{"m":"a"}'], { container })
    for await (const batch of batchesOf(segment, cutting)) await createSink(join(directory, 'out')).send(batch, never)
  }
  const found = globSync('**/access.ndjson', { cwd: directory }).sort()
  t.equal(found.length, 6)
  t.ok(found.every(name => /^out\/logs\/shop\/[^/]+\/task1\/access\.ndjson$/.test(name)), found.join(' '))
})

t.test('routes that share a stream lose nothing of each other, however their batches meet', async t => {
  const directory = t.testdir()
  const streams = new KeyedMutex<string>()
  const sinks = [createSink(directory, streams), createSink(directory, streams)]
  const lines = Array.from({ length: 40 }, (_, index) => `{"m":"${index}"}`)
  await Promise.all(lines.map(async (line, index) => {
    const segment = makeSegment(directory, [line], { id: `segment${index}` })
    for await (const batch of batchesOf(segment, cutting)) await sinks[index % 2]?.send(batch, never)
  }))
  const stored = readFileSync(join(directory, 'logs/shop/web/task1/access.ndjson'), 'utf8').split('\n').slice(0, -1)
  t.same(stored.sort(), lines.sort())
})

t.test('what a crash left of a batch is cut off before the next', async t => {
  const directory = t.testdir()
  const path = join(directory, 'logs/shop/web/task1/access.ndjson')
  mkdirSync(join(path, '..'), { recursive: true })
  appendFileSync(path, `{"m":"whole"}\n{"m":"torn${'x'.repeat(200_000)}`)
  const segment = makeSegment(directory, ['{"m":"next"}'])
  for await (const batch of batchesOf(segment, cutting)) await createSink(directory).send(batch, never)
  t.equal(readFileSync(path, 'utf8'), '{"m":"whole"}\n{"m":"next"}\n')
})

t.test('what is left of a batch alone, without a line before, is cut off as well', async t => {
  const directory = t.testdir()
  const path = join(directory, 'logs/shop/web/task1/access.ndjson')
  mkdirSync(join(path, '..'), { recursive: true })
  appendFileSync(path, '{"m":"torn')
  for (const line of ['{"m":"next"}', '{"m":"last"}']) {
    const segment = makeSegment(directory, [line], { id: line })
    for await (const batch of batchesOf(segment, cutting)) await createSink(directory).send(batch, never)
  }
  t.equal(readFileSync(path, 'utf8'), '{"m":"next"}\n{"m":"last"}\n')
})
