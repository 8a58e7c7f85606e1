import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { batchesOf } from '../../src/delivery/batcher.ts'
import type { Segment } from '../../src/contracts/segment.ts'
import type { Sink } from '../../src/contracts/sink.ts'
import { makeSegment } from './segments.ts'

export interface SinkUnderTest {
  readonly sink: Sink
  /** Every line the destination holds, in the order in which it keeps them, of all objects or streams. */
  readonly stored: () => Promise<readonly string[]>
  /** Makes the destination refuse, in a way that it can recover from, until the returned function is called. */
  readonly breakDestination: () => Promise<() => Promise<void>>
  /** A segment's line as the route of this sink writes it. */
  readonly line: (text: string) => string
  /** Sending a batch again changes nothing. */
  readonly isIdempotent: boolean
}

const never = new AbortController().signal

/** A place for segments beside whatever the sink under test made in the test's directory. */
function segmentsOf (t: Test): string {
  const directory = join(t.testdirName, 'segments')
  mkdirSync(directory, { recursive: true })
  return directory
}

async function sendAll (sink: Sink, segment: Segment): Promise<void> {
  for await (const batch of batchesOf(segment, sink.cutting)) await sink.send(batch, never)
}

/** What delivery relies on, whatever the destination: every sink's test calls this first. */
export function sinkContract (t: Test, name: string, create: (t: Test) => Promise<SinkUnderTest>): void {
  t.test(`${name} keeps the sink contract`, async t => {
    t.test('what was sent is stored, once, in order, byte for byte', async t => {
      const { sink, stored, line } = await create(t)
      const lines = ['one', 'two "quoted"', '日本語', 'back\\slash', 'x'.repeat(5000)].map(line)
      await sendAll(sink, makeSegment(segmentsOf(t), lines))
      t.same(await stored(), lines)
      await sink.close()
    })

    t.test('segments of one container are stored in the order in which they are sent', async t => {
      const { sink, stored, line } = await create(t)
      const directory = segmentsOf(t)
      const ids = ['1', '2', '3'].map(n => `2026112310-${'ab'.repeat(16)}-${n}-1-00000000`)
      for (const id of ids) await sendAll(sink, makeSegment(directory, [line(id)], { id }))
      t.same([...await stored()].sort(), ids.map(line))
    })

    t.test('a destination that refuses is an error to retry, and the same batch goes through later', async t => {
      const { sink, stored, line, breakDestination } = await create(t)
      const segment = makeSegment(segmentsOf(t), [line('precious')])
      const mend = await breakDestination()
      await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', disposition: 'retry' })
      await mend()
      await sendAll(sink, segment)
      t.same(await stored(), [line('precious')], 'stored whole, and once')
    })

    t.test('sending again after a lost answer loses nothing', async t => {
      const { sink, stored, line, isIdempotent } = await create(t)
      const segment = makeSegment(segmentsOf(t), [line('again')])
      await sendAll(sink, segment)
      await sendAll(sink, segment)
      t.same(await stored(), isIdempotent ? [line('again')] : [line('again'), line('again')])
    })

    t.test('a sink that was reconnected goes on', async t => {
      const { sink, stored, line } = await create(t)
      const directory = segmentsOf(t)
      const ids = ['1', '2'].map(n => `2026112310-${'ab'.repeat(16)}-${n}-1-00000000`)
      for (const id of ids) {
        await sendAll(sink, makeSegment(directory, [line(id)], { id }))
        sink.reconnect()
        sink.reconnect()
      }
      t.same([...await stored()].sort(), ids.map(line))
      await sink.close()
    })

    t.test('closing is safe twice', async t => {
      const { sink } = await create(t)
      await sink.close()
      await sink.close()
    })
  })
}
