import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { mistake, readArguments } from './arguments.ts'
import { createTemplates, renumber } from './templates.ts'

const help = `The sender of the benches: prints how long it took until everything was taken,
and acked where it asks for acks.

  node bench/load.ts --socket .sluice/fluent.sock --count 10000 --rate 1000

  --socket PATH      where to send: a unix socket
  --count N          lines (1,000,000), in whole writes of --per
  --workload NAME    mixed or traces (mixed)
  --mode NAME        message as Docker's driver, packed as a forwarder, which
                     waits for the ack of each frame (message)
  --per N            lines a write: 1 as a driver that keeps up, 2,000 as one
                     with a backlog; of packed, a frame (2,000)
  --connections N    (1)
  --containers N     they write in turns, a line each (1)
  --rate N           lines a second; 0 as fast as the other end takes them (0)
`

const values = readArguments(help, {
  socket: '', count: 1_000_000, workload: 'mixed', mode: 'message', per: 2000, connections: 1, containers: 1, rate: 0,
})
const { count, per, rate } = values
if (values.socket === '') mistake('expected --socket PATH', help)
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
const templates = createTemplates({ workload, mode, per, containers: values.containers }, count)
const senders = await Promise.all(Array.from({ length: values.connections }, open))
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
