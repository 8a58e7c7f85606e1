import { decodeMulti } from '@msgpack/msgpack'
import t from 'tap'
import { driverFrames } from '../../../scripts/demo/docker-driver.ts'
import { linesOf } from '../../../scripts/demo/replay.ts'
import { fixture } from '../../support/lines.ts'

interface Decoded { readonly tag: string, readonly record: Readonly<Record<string, unknown>>, readonly option: unknown }

/** latin1 keeps every byte of a str apart; the id of a cut line is chance. */
function decode (bytes: Buffer): Decoded[] {
  return [...decodeMulti(bytes, { rawStrings: true })].map(frame => {
    const [tag, , record, option] = frame as [Uint8Array, unknown, Record<string, Uint8Array>, unknown]
    const fields = Object.entries(record).map(([key, value]) => [key, Buffer.from(value).toString('latin1')] as const)
    const { partial_id: id, ...rest } = Object.fromEntries(fields)
    const comparable = { ...rest, ...(id !== undefined && { idLength: id.length }) }
    return { tag: Buffer.from(tag).toString(), record: comparable, option }
  })
}

t.test('the frames are those that the real driver wrote for the same lines', async t => {
  const genuine = decode(fixture('forward/driver-s1-eventtime.bin'))
  const { container_id: id, container_name: name } = genuine[0]?.record as Record<string, string>
  const container = { id: id ?? '', name: name ?? '', tag: genuine[0]?.tag ?? '' }
  const lines = linesOf(fixture('forward/driver-input-lines.txt'))
  const timeMs = 1_700_000_000_123.4
  const made = lines.flatMap(bytes => driverFrames(container, { source: 'stdout', bytes, timeMs }, Math.random))
  const decoded = decode(Buffer.concat(made))
  // The real driver marked the last line as cut: its input ended without a newline.
  t.same(decoded.slice(0, -1), genuine.slice(0, decoded.length - 1))
  t.equal(genuine.length, decoded.length)
})

t.test('keys come in any order, as a Go map gives them', async t => {
  const container = { id: 'c'.repeat(64), name: '/web', tag: 'web' }
  const line = { source: 'stdout', bytes: Buffer.from('x'), timeMs: 0 } as const
  const orders = new Set(Array.from({ length: 200 }, () => {
    const frames = decodeMulti(Buffer.concat(driverFrames(container, line, Math.random)))
    const [frame] = [...frames] as [[unknown, unknown, object]]
    return Object.keys(frame[2]).join()
  }))
  t.equal(orders.size, 24)
})
