import { PassThrough, Readable } from 'node:stream'
import t from 'tap'
import { Chunks } from '../../../src/cli/explain/chunks.ts'

async function restOf (chunks: Chunks): Promise<string> {
  const all: Buffer[] = []
  for await (const chunk of chunks.rest()) all.push(chunk)
  return Buffer.concat(all).toString()
}

t.test('what was looked at comes again with the rest', async t => {
  const chunks = new Chunks(Readable.from([Buffer.from('one '), Buffer.from('two')]), new AbortController().signal)
  t.equal((await chunks.peek()).toString(), 'one ')
  t.equal(await restOf(chunks), 'one two')
  t.equal((await new Chunks(Readable.from([]), new AbortController().signal).peek()).length, 0)
})

t.test('an input that fails ends there, and says what failed', async t => {
  const chunks = new Chunks(Readable.from((function * () {
    yield Buffer.from('one')
    throw new Error('EIO')
  })()), new AbortController().signal)
  t.equal(await restOf(chunks), 'one')
  t.equal(chunks.failure, 'EIO')
})

t.test('nobody waits for an input that is not wanted any more', async t => {
  const abort = new AbortController()
  const input = new PassThrough()
  const chunks = new Chunks(input, abort.signal)
  const rest = restOf(chunks)
  abort.abort()
  t.equal(await rest, '')
  t.ok(input.destroyed)
  t.equal(chunks.failure, undefined)
})
