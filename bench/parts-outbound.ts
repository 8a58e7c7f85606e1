import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { loadConfig } from '../src/config/load.ts'
import { systemClock } from '../src/contracts/clock.ts'
import { batchesOf } from '../src/delivery/batcher.ts'
import type { Sink } from '../src/contracts/sink.ts'
import { compressFile, createCompressor } from '../src/sinks/compression.ts'
import { systemDisk } from '../src/spool/disk.ts'
import { openSpool } from '../src/spool/host-spool.ts'
import { Ledger } from '../src/telemetry/ledger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { startLogsSink } from '../test/sinks/aws/bench.ts'
import { makeSegment } from '../test/support/segments.ts'
import type { Owner } from '../test/support/sluice-process.ts'
import { isError, lineOf } from './lines.ts'
import type { Part } from './part.ts'

const lineCount = 10_000
const requestsPerRound = 40
const eventsPerRequest = 5
const never = new AbortController().signal

/** From the write buffers to the destinations. */
export async function outboundParts (directory: string, owner: Owner): Promise<readonly Part[]> {
  return [await spoolPart(directory, owner), gzipPart(directory), await eventsPart(directory, owner)]
}

const lines = Array.from({ length: lineCount }, (_, index) => lineOf(isError(index) ? index + 1 : index))

/** The same bytes in as many writes as a spool with its defaults makes when it has enough of them. */
async function spoolPart (directory: string, owner: Owner): Promise<Part> {
  const spool = await openSpool({
    directory: join(directory, 'spool'),
    hostId: 'bench',
    boot: 'ab'.repeat(16),
    routes: [{ name: 'access', quotaBytes: 2 ** 33, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 60_000, isOrdered: false }],
    writeBufferBytes: 2 ** 23,
    maxStallMs: 1000,
    flushIntervalMs: 20,
    sync: 'never',
    syncIntervalMs: 1000,
    maxOpenSegments: 16,
    ledger: new Ledger(),
    metrics: new Metrics(),
    clock: systemClock,
    disk: systemDisk,
    log: { info () {}, warn: console.error, error: console.error },
  })
  owner.teardown(() => spool.close())
  const route = spool.route('access')
  const delivery = (async () => {
    for (let segment = await route.take(never); segment !== undefined; segment = await route.take(never)) {
      await route.settle(segment, segment.bytes, segment.records)
    }
  })()
  owner.teardown(() => { void delivery })
  const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
  const ends = Int32Array.from([...bytes.keys()].filter(at => bytes[at] === 0x0a))
  const timeMs = Date.now()
  const file = openSync(join(directory, 'floor'), 'w')
  const pieceBytes = 262_144
  return {
    name: 'spool, to the file',
    floor: 'writes of 256 KiB',
    units: lineCount,
    async work () {
      let start = 0
      for (const end of ends) {
        route.append(timeMs, '', bytes, start, end)
        start = end + 1
      }
      await spool.stored()
    },
    least () {
      const copy = Buffer.allocUnsafeSlow(pieceBytes)
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        writeSync(file, copy, 0, bytes.copy(copy, 0, at, Math.min(at + pieceBytes, bytes.length)), at)
      }
    },
  }
}

function gzipPart (directory: string): Part {
  const { level } = loadConfig({ env: {}, readFile: () => '' }).config.objects
  mkdirSync(join(directory, 'gzip'))
  const segment = makeSegment(join(directory, 'gzip'), lines)
  return {
    name: `gzip level ${level}`,
    floor: 'the whole in one call',
    units: lineCount,
    async work () {
      const compressor = createCompressor('gzip', level)
      const ended = once(compressor.resume(), 'close')
      await compressFile(segment, compressor, never)
      await ended
    },
    least: () => gzipSync(readFileSync(segment.path), { level }),
  }
}

/** Answers everything, in a process whose CPU is not counted. */
const server = `require('http').createServer((from, to) => from.resume().on('end', () => {
  to.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r' }).end('{}')
})).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

async function eventsPart (directory: string, owner: Owner): Promise<Part> {
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] })
  owner.teardown(() => child.kill())
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data') as [string]
  const endpoint = `http://127.0.0.1:${port.trim()}`
  const { sink } = startLogsSink(owner, { endpoint, region: 'us-east-1' })
  const events = Array.from({ length: eventsPerRequest }, (_, index) =>
    JSON.stringify({ t: Date.now(), c: 'web', m: lineOf(index * 20 + 7) }))
  mkdirSync(join(directory, 'events'))
  const segment = makeSegment(join(directory, 'events'), events, { route: 'error' })
  const body = JSON.stringify({ logGroupName: '/app', logStreamName: 'task', logEvents: events })
  const agent = new Agent({ keepAlive: true })
  owner.teardown(() => agent.destroy())
  return {
    name: 'PutLogEvents, a request',
    floor: 'bare http.request',
    units: requestsPerRound,
    async work () {
      for (let count = 0; count < requestsPerRound; count++) await sendAll(sink)
    },
    async least () {
      for (let count = 0; count < requestsPerRound; count++) await post(`${endpoint}/`, body, agent)
    },
  }

  async function sendAll (to: Sink): Promise<void> {
    for await (const batch of batchesOf(segment, to.cutting)) await to.send(batch, never)
  }
}

async function post (url: string, body: string, agent: Agent): Promise<void> {
  const sent = request(url, { method: 'POST', agent, headers: { 'content-length': Buffer.byteLength(body) } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [NodeJS.ReadableStream]
  response.resume()
  await once(response, 'end')
}
