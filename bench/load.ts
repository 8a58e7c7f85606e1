import { connect } from 'node:net'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { driverFrames } from '../scripts/demo/docker-driver.ts'
import { isError, lineOf, sequenceDigits } from './lines.ts'

const { values } = parseArgs({
  options: {
    socket: { type: 'string', default: '' },
    count: { type: 'string', default: '1000000' },
    /** Lines a write: 1 as the driver does while it keeps up, 2000 as it does with a backlog. */
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
const containers = Array.from({ length: Number(values.containers) }, (_, index) => ({
  id: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  name: '/ecs-shop-web-12-app-9af3c2d4e5b6a7980100',
  tag: `web${index === 0 ? '' : index}-firelens-0123456789abcdef0123456789abcdef`,
}))

/** Frames of one write, and where the digits of each line's number stand in them. */
interface Template { readonly bytes: Buffer, readonly at: readonly number[], taken: Promise<void> }

/** Frames are built once; a round only writes new numbers into them, so that the sender is not what is measured. */
const templateCount = Math.max(2, Math.ceil(20_000 / per))

function templateOf (first: number): Template {
  const frames: Buffer[] = []
  for (let sequence = first; sequence < first + per; sequence++) {
    const source = isError(sequence) ? 'stderr' : 'stdout'
    const line = { source, bytes: Buffer.from(lineOf(sequence)), timeMs: Date.now() } as const
    const container = containers[sequence % containers.length]
    if (container !== undefined) frames.push(...driverFrames(container, line, Math.random))
  }
  const bytes = Buffer.concat(frames)
  const at: number[] = []
  for (let sequence = first, from = 0; sequence < first + per; sequence++) {
    from = bytes.indexOf(String(sequence).padStart(sequenceDigits, '0'), from)
    at.push(from)
    from += sequenceDigits
  }
  return { bytes, at, taken: Promise.resolve() }
}

function renumber ({ bytes, at }: Template, first: number): void {
  for (let index = 0; index < at.length; index++) {
    let rest = first + index
    for (let digit = (at[index] ?? 0) + sequenceDigits - 1, left = sequenceDigits; left > 0; digit--, left--) {
      bytes[digit] = 0x30 + rest % 10
      rest = Math.floor(rest / 10)
    }
  }
}

const length = Math.min(templateCount, Math.ceil(count / per))
const templates = Array.from({ length }, (_, index) => templateOf(index * per))
const sockets = await Promise.all(Array.from({ length: Number(values.connections) }, async () => {
  const socket = connect(values.socket)
  await once(socket, 'connect')
  return socket
}))
const startMs = performance.now()
for (let sent = 0, round = 0; sent < count; sent += per, round++) {
  const template = templates[round % templates.length]
  const socket = sockets[round % sockets.length]
  if (template === undefined || socket === undefined) throw new Error('nothing to send')
  await template.taken
  renumber(template, sent)
  template.taken = new Promise(resolve => socket.write(template.bytes, () => resolve()))
  if (socket.writableNeedDrain) await once(socket, 'drain')
  const aheadMs = rate === 0 ? 0 : (sent + per) / rate * 1000 - (performance.now() - startMs)
  if (aheadMs > 2) await new Promise(resolve => setTimeout(resolve, aheadMs))
}
await Promise.all(sockets.map(async socket => {
  socket.end()
  await once(socket, 'close')
}))
console.log(JSON.stringify({ seconds: (performance.now() - startMs) / 1000 }))
