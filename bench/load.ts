import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { createTemplates, renumber } from './templates.ts'

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

const { workload, mode } = values
const templates = createTemplates({ workload, mode, per, containers: Number(values.containers) }, count)
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
