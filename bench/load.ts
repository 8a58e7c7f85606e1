import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { driverFrames } from '../scripts/demo/docker-driver.ts'
import { forwardFrames } from '../test/support/forward-frames.ts'
import { sequenceDigits, unnumberedLine, workloadOf } from './lines.ts'

/** The sender of the benches: prints how long it took until everything was taken, and acked where it asks for acks. */
const { values } = parseArgs({
  options: {
    socket: { type: 'string', default: '' },
    count: { type: 'string', default: '1000000' },
    workload: { type: 'string', default: 'mixed' },
    /** `message` as Docker's driver, `packed` as a forwarder, which waits for the ack of each frame. */
    mode: { type: 'string', default: 'message' },
    /** Lines a write: 1 as the driver does while it keeps up, 2000 as it does with a backlog; of `packed`, a frame. */
    per: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '1' },
    /** They write in turns, a line each. */
    containers: { type: 'string', default: '1' },
    /** Lines a second; 0 as fast as the other end takes them. */
    rate: { type: 'string', default: '0' },
  },
})
const count = Number(values.count)
const per = Number(values.per)
const rate = Number(values.rate)
const isPacked = values.mode === 'packed'
const { isError, lineOf } = workloadOf(values.workload)
const containers = Array.from({ length: Number(values.containers) }, (_, index) => ({
  id: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  name: '/ecs-shop-web-12-app-9af3c2d4e5b6a7980100',
  tag: `web${index === 0 ? '' : index}-firelens-0123456789abcdef0123456789abcdef`,
}))

/** Frames of one write, and where the digits of each line's number stand in them; -1 where it has none. */
interface Template { readonly bytes: Buffer, readonly at: readonly number[], taken: Promise<void> }

/** Frames are built once; a round only writes new numbers into them, so that the sender is not what is measured. */
const templateCount = Math.max(2, Math.ceil(20_000 / per))

function framesOf (first: number): Buffer {
  const sequences = Array.from({ length: per }, (_, index) => first + index)
  const sourceOf = (sequence: number) => isError(sequence) ? 'stderr' : 'stdout'
  const containerOf = (sequence: number) => containers[sequence % containers.length] ?? { id: '', name: '', tag: '' }
  if (!isPacked) {
    return Buffer.concat(sequences.flatMap(sequence => driverFrames(containerOf(sequence), {
      source: sourceOf(sequence), bytes: Buffer.from(lineOf(sequence)), timeMs: Date.now(),
    }, Math.random)))
  }
  return forwardFrames('packed', containers[0]?.tag ?? '', sequences.map(sequence => {
    const { id, name } = containerOf(sequence)
    const fields = { container_id: id, container_name: name, source: sourceOf(sequence), log: lineOf(sequence) }
    return { timeMs: Date.now(), fields }
  }), 'rZcEawAAAABS/fwHIYJlTQ==').bytes
}

function templateOf (first: number): Template {
  const bytes = framesOf(first)
  const at: number[] = []
  for (let sequence = first, from = 0; sequence < first + per; sequence++) {
    const found = lineOf(sequence) === unnumberedLine
      ? -1
      : bytes.indexOf(String(sequence).padStart(sequenceDigits, '0'), from)
    at.push(found)
    if (found >= 0) from = found + sequenceDigits
  }
  return { bytes, at, taken: Promise.resolve() }
}

function renumber ({ bytes, at }: Template, first: number): void {
  for (let index = 0; index < at.length; index++) {
    const start = at[index] ?? -1
    if (start < 0) continue
    let rest = first + index
    for (let digit = start + sequenceDigits - 1, left = sequenceDigits; left > 0; digit--, left--) {
      bytes[digit] = 0x30 + rest % 10
      rest = Math.floor(rest / 10)
    }
  }
}

/** A connection, and the end of the wait for the ack of its last frame. */
interface Sender { readonly socket: Socket, isAcked: Promise<void> }

async function open (): Promise<Sender> {
  const socket = connect(values.socket)
  await once(socket, 'connect')
  return { socket, isAcked: Promise.resolve() }
}

/** Any answer is an ack, since a connection has one frame at most that is not acked. */
async function ackOf (socket: Socket): Promise<void> {
  await once(socket, 'data')
}

const length = Math.min(templateCount, Math.ceil(count / per))
const templates = Array.from({ length }, (_, index) => templateOf(index * per))
const senders = await Promise.all(Array.from({ length: Number(values.connections) }, open))
const startMs = performance.now()
for (let sent = 0, round = 0; sent < count; sent += per, round++) {
  const template = templates[round % templates.length]
  const sender = senders[round % senders.length]
  if (template === undefined || sender === undefined) throw new Error('nothing to send')
  const { socket } = sender
  await sender.isAcked
  await template.taken
  renumber(template, sent)
  if (isPacked) sender.isAcked = ackOf(socket)
  template.taken = new Promise(resolve => socket.write(template.bytes, () => resolve()))
  if (socket.writableNeedDrain) await once(socket, 'drain')
  const aheadMs = rate === 0 ? 0 : (sent + per) / rate * 1000 - (performance.now() - startMs)
  if (aheadMs > 2) await new Promise(resolve => setTimeout(resolve, aheadMs))
}
await Promise.all(senders.map(async ({ socket, isAcked }) => {
  await isAcked
  socket.resume().end()
  await once(socket, 'close')
}))
console.log(JSON.stringify({ seconds: (performance.now() - startMs) / 1000 }))
