import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { observed } from '../support/operator.ts'
import { startSluice } from '../support/sluice-process.ts'

const requests = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(2_000)
/** Of a container of 256 MiB, in which the process itself has about 100. */
const allowedGrowthMiB = 64

async function start (t: Test) {
  const sluice = startSluice(t, { env: observed })
  const [, text = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const port = Number(text)
  // A connection each, as a health check has: one that was kept may be closed to make room.
  const ask = async (path: string): Promise<number | undefined> => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.timeout(5_000) })
    const [response] = await once(request, 'response') as [IncomingMessage]
    await once(response.resume(), 'end')
    return response.statusCode
  }
  // What it needs to answer at all is no growth.
  for (const path of ['/metrics', '/health', '/health/live']) await ask(path)
  const memory = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${sluice.pid}/status`, 'latin1'))?.[1]) / 1_024
  // Since here, VmHWM is the highest from now on.
  writeFileSync(`/proc/${sluice.pid}/clear_refs`, '5')
  const beforeMiB = memory('VmRSS')
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { sluice, ask, open, growthMiB: () => memory('VmHWM') - beforeMiB }
}

async function stays (t: Test, { ask, growthMiB, sluice }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const beganMs = performance.now()
  t.equal(await ask('/health/live'), 200, 'a health check gets in')
  t.comment(`health check took ${Math.round(performance.now() - beganMs)} ms`)
  const grownMiB = growthMiB()
  t.comment(`highest RSS grew by ${grownMiB.toFixed(1)} MiB`)
  t.ok(grownMiB < allowedGrowthMiB, `${grownMiB.toFixed(1)} MiB`)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
}

t.test('2,000 pipelined requests of one caller who never reads take no memory', async t => {
  const running = await start(t)
  const socket = await running.open()
  socket.pause().write(requests)
  for (let index = 0; index < 20; index++) await running.ask('/health/live')
  await stays(t, running)
})

t.test('nor do 2,000 of each of 64 callers, twice', async t => {
  const running = await start(t)
  for (let round = 0; round < 2; round++) {
    const sockets = await Promise.all(Array.from({ length: 64 }, running.open))
    for (const socket of sockets) socket.pause().write(requests)
    for (let index = 0; index < 20; index++) await running.ask('/health/live')
  }
  await stays(t, running)
})
