import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { createFileObjectsSink, type FileObjectsOptions } from '../../../src/sinks/file/objects.ts'
import { Mutex } from '../../../src/contracts/mutex.ts'
import type { Batch } from '../../../src/contracts/sink.ts'
import { putFileInPlaceOf } from '../../support/in-the-way.ts'
import { makeSegment } from '../../support/segments.ts'
import { sinkContract } from '../../support/sink-contract.ts'

const never = new AbortController().signal

function optionsFor (directory: string, overrides: Partial<FileObjectsOptions> = {}): FileObjectsOptions {
  return {
    directory: () => directory,
    keyTemplate: '{class}/dt=%Y-%m-%d/hour=%H/{task}-{segment}.ndjson.{ext}',
    values: { task: 'task1' },
    compression: 'gzip',
    level: 1,
    minFreeBytes: 0,
    mutex: new Mutex(),
    ...overrides,
  }
}

sinkContract(t, 'file objects', async (t: Test) => {
  const directory = join(t.testdir({ out: {} }), 'out')
  const sink = createFileObjectsSink(optionsFor(directory))
  return {
    sink,
    stored: async () => globSync('**/*.gz', { cwd: directory }).sort()
      .flatMap(name => gunzipSync(readFileSync(join(directory, name))).toString().split('\n').slice(0, -1)),
    breakDestination: async () => putFileInPlaceOf(directory),
    line: text => JSON.stringify({ text }),
    isIdempotent: true,
  }
})

t.test('the extension follows the compression, and the bytes do', async t => {
  const directory = t.testdir()
  const lines = ['{"a":1}', '{"b":2}']
  const id = `2026112310-${'ab'.repeat(16)}-1-2-00000000`
  const base = `access/dt=2026-11-23/hour=10/task1-${id}.ndjson`
  const cases = [
    { compression: 'gzip', name: `${base}.gz`, decode: gunzipSync },
    { compression: 'zstd', name: `${base}.zst`, decode: zstdDecompressSync },
    { compression: 'none', name: base, decode: (bytes: Buffer) => bytes },
  ] as const
  for (const { compression, name, decode } of cases) {
    const sink = createFileObjectsSink(optionsFor(join(directory, compression), { compression }))
    mkdirSync(join(directory, compression))
    const segment = makeSegment(directory, lines)
    await sink.send({ segment, startByte: 0, endByte: segment.bytes, records: 2, lines: undefined }, never)
    t.equal(decode(readFileSync(join(directory, compression, name))).toString(), '{"a":1}\n{"b":2}\n', compression)
  }
})

t.test('a segment is stored as it is, whatever its length and level: small ones are compressed another way', async t => {
  const directory = t.testdir({ out: {} })
  const lengths = [1, 100, 65_535, 65_536, 65_537, 200_000]
  for (const [compression, decode] of [['gzip', gunzipSync], ['zstd', zstdDecompressSync]] as const) {
    for (const level of [1, 3, 4, 9]) {
      const sink = createFileObjectsSink(optionsFor(join(directory, 'out'), { compression, level, keyTemplate: '{segment}' }))
      for (const length of lengths) {
        const content = `${randomBytes(length).toString('base64').slice(0, length - 1)}\n`
        const segment = makeSegment(directory, [content.slice(0, -1)], { id: `${compression}${level}-${length}` })
        t.equal(segment.bytes, length)
        await sink.send({ segment, startByte: 0, endByte: length, records: 1, lines: undefined }, never)
        const stored = decode(readFileSync(join(directory, 'out', segment.id))).toString()
        if (stored !== content) t.fail(`${compression}, level ${level}, ${length} bytes`)
        if (length > 32_768) continue
        // From memory, and more than once: a request may have to be sent again.
        const inMemory = { ...segment, content: Buffer.from(content), id: `${segment.id}-memory` }
        for (let turn = 0; turn < 2; turn++) {
          await sink.send({ segment: inMemory, startByte: 0, endByte: length, records: 1, lines: undefined }, never)
        }
        if (inMemory.content.toString() !== content) t.fail('the copy is not the sink\'s to free')
        t.same(readFileSync(join(directory, 'out', inMemory.id)), readFileSync(join(directory, 'out', segment.id)))
      }
    }
  }
})

t.test('a segment that is not there is no failure of the destination, and leaves nothing half-written', async t => {
  const directory = t.testdir({ out: {} })
  const sink = createFileObjectsSink(optionsFor(join(directory, 'out')))
  const segment = { ...makeSegment(directory, ['a']), path: join(directory, 'gone') }
  await t.rejects(sink.send({ segment, startByte: 0, endByte: 2, records: 1, lines: undefined }, never),
    { code: 'ERR_SPOOL_READ' })
  t.same(globSync('out/**/*.*', { cwd: directory }), [])
})

t.test('a segment whose file was cut is no file, as if it held all of its records', async t => {
  const directory = t.testdir({ out: {} })
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    for (const text of ['a', 'a'.repeat(100_000)]) {
      const sink = createFileObjectsSink(optionsFor(join(directory, 'out'), { compression }))
      const segment = makeSegment(directory, [text, 'b'])
      truncateSync(segment.path, segment.bytes - 2)
      await t.rejects(sink.send({ segment, startByte: 0, endByte: segment.bytes, records: 2, lines: undefined }, never),
        { code: 'ERR_SPOOL_READ' })
      t.same(globSync('out/**/*.*', { cwd: directory }), [])
    }
  }
})

t.test('a disk with less free space than the limit is left to the application', async t => {
  const directory = t.testdir()
  const sink = createFileObjectsSink(optionsFor(directory, { minFreeBytes: Number.MAX_SAFE_INTEGER }))
  const segment = makeSegment(directory, ['a'])
  await t.rejects(sink.send({ segment, startByte: 0, endByte: 2, records: 1, lines: undefined }, never),
    { reason: 'disk_low', message: /file\.minFreeBytes.*free space/ })
  t.notOk(existsSync(join(directory, 'access', 'dt=2026-11-23', 'hour=10', `task1-${segment.id}.ndjson.gz`)))
})

t.test('a disk that fails after it was slow ends the request, and holds up no other compression', async t => {
  const directory = t.testdir()
  // What a disk does that takes no more for a while, and then fails: a pipe whose reader reads nothing, and goes.
  const segment = makeSegment(directory, Array.from({ length: 40 }, () => randomBytes(50_000).toString('base64')))
  const path = join(directory, 'access', 'dt=2026-11-23', 'hour=10', `task1-${segment.id}.ndjson.gz`)
  mkdirSync(dirname(path), { recursive: true })
  execFileSync('mkfifo', [`${path}.unfinished`])
  const mutex = new Mutex()
  const sink = createFileObjectsSink(optionsFor(directory, { mutex }))
  const batch: Batch = { segment, startByte: 0, endByte: segment.bytes, records: 40, lines: undefined }
  const sent = sink.send(batch, never)
  const reader = await open(`${path}.unfinished`, 'r')
  await reader.read(Buffer.alloc(1), 0, 1)
  // Until nothing moves any more: the pipe is full, then the stream, then the compressor.
  for (let turn = 0; turn < 2_000; turn++) await new Promise(resolve => setImmediate(resolve))
  await reader.close()
  await t.rejects(sent, { code: 'ERR_SINK_UNAVAILABLE', reason: 'epipe' })
  t.equal(await mutex.run(async () => 'free'), 'free')
  await sink.send(batch, never)
  t.equal(gunzipSync(readFileSync(path)).length, segment.bytes)
})

t.test('a file of several pieces arrives byte for byte, compressed or not', async t => {
  const lines = Array.from({ length: 60_000 }, (_, index) => `${index} ${'x'.repeat(index % 90)}`)
  const decode = { gzip: gunzipSync, zstd: zstdDecompressSync, none: (bytes: Buffer) => bytes }
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    const directory = t.testdir({ out: {} })
    const segment = makeSegment(directory, lines)
    const sink = createFileObjectsSink(optionsFor(join(directory, 'out'), { compression }))
    await sink.send({ segment, startByte: 0, endByte: segment.bytes, records: lines.length, lines: undefined }, never)
    const [name = ''] = globSync('**/*.ndjson*', { cwd: join(directory, 'out') })
    t.ok(decode[compression](readFileSync(join(directory, 'out', name))).equals(readFileSync(segment.path)), compression)
  }
})

t.test('what somebody put in the place of a segment is not delivered, nor waited for', async t => {
  const directory = t.testdir({ out: {}, secret: 'ab\n' })
  const segment = { ...makeSegment(directory, ['ab']), path: join(directory, 'other') }
  for (const [command, ...args] of [['mkfifo', segment.path], ['ln', '-s', 'secret', segment.path]] as const) {
    execFileSync(command, args)
    for (const compression of ['gzip', 'zstd', 'none'] as const) {
      const sink = createFileObjectsSink(optionsFor(join(directory, 'out'), { compression }))
      await t.rejects(sink.send({ segment, startByte: 0, endByte: 3, records: 1, lines: undefined }, never), { code: 'ERR_SPOOL_READ' }, compression)
    }
    rmSync(segment.path)
  }
})
