import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { Encoder } from '@msgpack/msgpack'
import t, { type Test } from 'tap'
import type { HealthReport } from '../../src/http/health.ts'
import { startAws } from '../support/aws/server.ts'
import { makeMemoryCgroup } from '../support/memory-cgroup.ts'
import { observed } from '../support/operator.ts'
import { containerMiB, makeProduct } from '../support/product.ts'
import { startSluice, type SluiceProcess } from '../support/sluice-process.ts'

t.setTimeout(300_000)

const MiB = 1024 * 1024
const loadMs = 20_000
const slowDisk = join(import.meta.dirname, '../support/slow-disk.mjs')
const encoder = new Encoder()
const encode = (value: unknown) => Buffer.from(encoder.encode(value))

/** Text that nothing makes shorter. */
const noise = randomBytes(3 * MiB).toString('base64')
const noiseOf = (bytes: number) => noise.slice(Math.floor(Math.random() * (noise.length - bytes))).slice(0, bytes)
const entry = (fields: Readonly<Record<string, string>>) => encode(['docker', Math.floor(Date.now() / 1000), fields])
let count = 0
let endlessCount = 0

const bombEntry = Buffer.concat([
  Buffer.of(0x92), encode(1_795_462_683), encode({ source: 'stdout', container_name: '/app', log: 'x'.repeat(MiB / 2) }),
])
const bomb = encode(['bomb', gzipSync(Buffer.alloc(100 * bombEntry.length, bombEntry)), { compressed: 'gzip' }])
const unfinished = Buffer.concat([Buffer.of(0x92, 0xa1, 0x61, 0xc6, 0, 0x7d, 0, 0), Buffer.alloc(7.8 * MiB)])

/** Each makes one write of a sender that sends all it can. */
const senders: Readonly<Record<string, () => Buffer>> = {
  'access lines': () => Buffer.concat(Array.from({ length: 100 }, () => entry({
    source: 'stdout', container_name: '/web', log: `{"status":200,"path":"/${noiseOf(2000)}","request":"GET /"}`,
  }))),
  'long errors, in pieces of many containers': () => Buffer.concat(Array.from({ length: 20 }, () => {
    const ordinal = Math.floor(++count / 40) % 64 + 1
    return entry({
      source: 'stderr',
      container_name: `/web${count % 40}`,
      log: noiseOf(16_384),
      partial_message: 'true',
      partial_id: `${count % 40}-${Math.floor(count / 2560)}`,
      partial_ordinal: `${ordinal}`,
      partial_last: `${ordinal === 64}`,
    })
  })),
  'pieces whose last never comes': () => Buffer.concat(Array.from({ length: 20 }, () => entry({
    source: 'stdout',
    container_name: '/app',
    log: noiseOf(16_384),
    partial_message: 'true',
    partial_id: `endless ${Math.floor(++endlessCount / 60)}`,
    partial_ordinal: `${endlessCount % 60 + 1}`,
    partial_last: 'false',
  }))),
  'lines of a mebibyte': () => entry({ source: 'stdout', container_name: '/app', log: noiseOf(MiB) }),
  'traces of thousands of containers': () => Buffer.concat(Array.from({ length: 100 }, () => entry({
    source: 'stderr', container_name: `/task${++count % 300}`, log: `PHP Fatal error:  Uncaught ${noiseOf(500)} in /a.php:2`,
  }))),
  bombs: () => bomb,
  'frames that are never finished': () => unfinished,
  'more of them': () => unfinished,
  'and more': () => unfinished,
  'and more still': () => unfinished,
  'and a fifth': () => unfinished,
}

/** Sends again and again until the time is over, on a new connection whenever the other end closes. */
async function sendAllYouCan (t: Test, path: string, make: () => Buffer, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    const socket: Socket = connect({ path })
    socket.on('error', () => undefined).resume()
    t.teardown(() => socket.destroy())
    const closed = new Promise(resolve => socket.once('close', resolve))
    while (performance.now() < endMs && !socket.destroyed) {
      if (!socket.write(make())) await Promise.race([once(socket, 'drain').catch(() => undefined), closed, delay(endMs - performance.now())])
      await delay(1)
    }
    socket.destroy()
    await closed
  }
}

function peakMiB ({ pid }: SluiceProcess): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

t.test('a container of 256 MiB lives through all that takes memory at once, with a slow disk and a slow AWS', async t => {
  const aws = await startAws({ buckets: ['shop-logs'], groups: ['/shop'] })
  t.teardown(() => aws.close())
  aws.faults.set('s3', { mode: 'slow', ms: 5000 })
  aws.faults.set('logs', { mode: 'slow', ms: 5000 })
  const cgroup = makeMemoryCgroup(t, containerMiB * MiB)
  const { program, env } = await makeProduct(t)
  const { SLUICE_MEMORY_MAX_BYTES, ...image } = env
  const sluice = startSluice(t, {
    program,
    cgroup: cgroup?.procsPath,
    env: {
      ...image,
      ...observed,
      ...aws.environment,
      SLUICE_BUCKET: 'shop-logs',
      SLUICE_LOG_GROUP: '/shop',
      SLUICE_SPOOL_MAX_STALL: '1s',
      SLUICE_STOP_DEADLINE: '5s',
      NODE_OPTIONS: `--import ${slowDisk}`,
      ...cgroup === undefined && { SLUICE_MEMORY_MAX_BYTES },
    },
  })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const endMs = performance.now() + loadMs
  const load = Object.values(senders).map(make => sendAllYouCan(t, sluice.socketPath, make, endMs))
  const most: Record<string, number> = {}
  let limitBytes = 0
  while (performance.now() < endMs) {
    const { memory } = await (await fetch(`http://127.0.0.1:${port}/health`)).json() as HealthReport
    limitBytes = memory.maxBytes
    for (const [name, { usedBytes }] of Object.entries(memory.shares)) {
      most[name] = Math.max(most[name] ?? 0, usedBytes / MiB)
    }
    await delay(300)
  }
  await Promise.all(load)
  t.equal(limitBytes, containerMiB * MiB, 'it knows its limit')
  const peak = peakMiB(sluice)
  const held = Object.entries(most).map(([name, heldMiB]) => `${name} ${heldMiB.toFixed(0)}`)
  t.comment(`peak ${peak.toFixed(0)} MiB; most held: ${held.join(', ')} MiB`)
  t.ok(peak < containerMiB, `the peak is ${peak.toFixed(0)} MiB`)
  t.equal(cgroup?.killedCount() ?? 0, 0)
  sluice.kill('SIGTERM')
  await sluice.exited
  const { balanced, received, by } = sluice.report()
  t.ok(balanced)
  t.comment(JSON.stringify({ received, ...by }))
})
