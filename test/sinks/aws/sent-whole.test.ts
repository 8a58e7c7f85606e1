import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { BodyMemory } from '../../../src/sinks/body-memory.ts'
import { isSentWhole } from '../../../src/sinks/aws/sent-whole.ts'
import type { Aws } from '../../support/aws/server.ts'
import { makeSegment } from '../../support/segments.ts'
import { never, startLogsSink, startObjectSink, startStandIn } from './bench.ts'

/** Tells what it is given back. */
class RecordingMemory extends BodyMemory {
  readonly given: number[] = []

  override give (body: Buffer): void {
    this.given.push(body.length)
    super.give(body)
  }
}

/** Answers a request as soon as its head is there; reads the rest when `readOn` is called, or at once. */
async function startHasty (t: Test, head: string, isPatient: boolean) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    let bytes = 0
    let needed = Infinity
    socket.on('error', () => undefined)
    socket.on('data', piece => {
      if (needed === Infinity) {
        const text = piece.toString('latin1')
        const end = text.indexOf('\r\n\r\n') + 4
        needed = Number(/content-length: (\d+)/i.exec(text)?.[1]) + end
        if (!isPatient) {
          socket.write(head)
          socket.pause()
        }
      }
      bytes += piece.length
      if (isPatient && bytes >= needed) socket.write(head)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, region: 'eu-central-1' }
}

const stored = 'HTTP/1.1 200 OK\r\nETag: "x"\r\ncontent-length: 0\r\n\r\n'

for (const isPatient of [true, false]) {
  const words = isPatient ? 'is used again when the store has all of it' : 'stays what it is while the store has not read it'
  t.test(`the memory of an object ${words}`, async t => {
    const memory = new RecordingMemory()
    const aws = await startHasty(t, stored, isPatient)
    const { sink } = startObjectSink(t, aws as Aws, { memory, compression: 'zstd', level: 1, checksum: 'none' })
    const lines = Array.from({ length: 40 }, (_, index) => noise(200_000, index))
    const segment = makeSegment(t.testdir(), lines)
    await sink.send({ segment, startByte: 0, endByte: segment.bytes, records: lines.length, lines: undefined }, never)
    t.equal(memory.given.length, isPatient ? 1 : 0)
  })
}

t.test('the memory of a batch of events is used again, but not when two requests had it', async t => {
  const memory = new RecordingMemory()
  t.testdir()
  const { sink } = startLogsSink(t, await startStandIn(t), { memory })
  const lines = Buffer.from(`${JSON.stringify({ t: Date.now(), c: 'web', m: 'x'.repeat(100_000) })}\n`)
  const segment = makeSegment(t.testdirName, [lines.toString().trimEnd()], { route: 'error' })
  const send = () => sink.send({ segment, startByte: 0, endByte: lines.length, records: 1, lines }, never)
  await send()
  t.same(memory.given, [], 'the stream was missing at first')
  // The first of a client goes through all of the SDK, the next through as little of it as there need be.
  await send()
  await send()
  t.equal(memory.given.length, 2)
})

t.test('nothing is given back before the answer, or without one', async t => {
  const memory = new RecordingMemory()
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws, { memory })
  const lines = Buffer.from(`${JSON.stringify({ t: Date.now(), c: 'web', m: 'x' })}\n`)
  const segment = makeSegment(t.testdirName, [lines.toString().trimEnd()], { route: 'error' })
  const stop = new AbortController()
  aws.faults.set('logs', { mode: 'hang' })
  const sent = sink.send({ segment, startByte: 0, endByte: lines.length, records: 1, lines }, stop.signal)
  await aws.state.until(() => aws.state.requestCount('PutLogEvents') > 0)
  stop.abort()
  await t.rejects(sent)
  t.same(memory.given, [])
})

t.test('an answer of whatever other shape says nothing', t => {
  const req = { writableFinished: false }
  const others = [undefined, {}, { body: undefined }, { body: { req: {} } }, { body: { req } }]
  for (const response of others) {
    t.equal(isSentWhole(response), false)
  }
  t.equal(isSentWhole({ body: { req: { writableFinished: true } } }), true)
  t.end()
})

/** A line that does not compress. */
function noise (bytes: number, seed: number): string {
  let state = seed + 1
  return JSON.stringify({
    status: 200,
    path: Array.from({ length: bytes }, () => {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
      return String.fromCharCode(0x21 + (state >>> 24) % 90)
    }).join('').replaceAll(/["\\]/g, 'x')
  })
}
