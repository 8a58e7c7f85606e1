import { loadConfig } from '../src/config/load.ts'
import type { Config } from '../src/config/settings.ts'
import { systemClock } from '../src/contracts/clock.ts'
import { createRecord } from '../src/contracts/record.ts'
import type { Acceptor } from '../src/contracts/source.ts'
import { createInbound } from '../src/pipeline/inbound.ts'
import type { LineBlocks } from '../src/pipeline/inbound-types.ts'
import { routesOf } from '../src/pipeline/routes.ts'
import { createNames } from '../src/sources/forward/container-name.ts'
import { found } from '../src/sources/forward/found.ts'
import { Ledger } from '../src/telemetry/ledger.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { driverFrames } from '../scripts/demo/docker-driver.ts'
import { createDecoder } from './decoder.ts'

/** As much as a socket gives at once, about. */
const pieceBytes = 65_536

/** Frames of Message mode as Docker sends them, and the lines in them. */
export interface Frames { readonly bytes: Buffer, readonly lineCount: number }

/** @param containers so many write in turns, a line each, from number `first` on */
export function framesOf (source: 'stdout' | 'stderr', lines: readonly string[], containers = 1, first = 0): Frames {
  const containerOf = (index: number) => ({
    id: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    name: `/ecs-shop-web-12-app${index === 0 ? '' : index}-9af3c2d4e5b6a7980100`,
    tag: `web${index === 0 ? '' : index}-firelens-0123456789abcdef0123456789abcdef`,
  })
  const frames = lines.flatMap((line, index) => driverFrames(
    containerOf(first + index % containers), { source, bytes: Buffer.from(line), timeMs: Date.now() }, Math.random))
  return { bytes: Buffer.concat(frames), lineCount: lines.length }
}

/** The whole inbound half in one process, up to a copy in memory where the spool would be. */
export function acceptorOf (config: Config, isFast = false): Acceptor {
  const written = Buffer.alloc(1 << 20)
  const always = { fromMs: 0, toMs: Infinity }
  const blocks: LineBlocks = {
    timesOfLast: () => always,
    appendToLast: (_container, bytes, start, end) => { bytes.copy(written, 0, start, end) },
  }
  return createInbound({
    ...isFast ? { blocksOf: () => blocks } : undefined,
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: () => (_timeMs, _container, bytes, start, end) => bytes.copy(written, 0, start, end) > 0,
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock: systemClock,
    ledger: new Ledger(),
    metrics: new Metrics(),
    log: createLogger({ level: 'error', stream: process.stderr }),
  }).acceptor('bench')
}

/**
 * The whole inbound half with every setting at its default, in one process: from the bytes of a socket through frames,
 * joins, classes, redaction, metrics and routes, up to a copy in memory where the spool would be.
 *
 * @param isFast ordinary access lines go the fast path
 * @param connections how many there are, each of which sends as if it were alone
 * @returns takes frames, and counts the lines that reached memory
 */
export function createWay (
  isFast = false, env: Readonly<Record<string, string>> = {}, connections = 1
): (frames: Frames, connection?: number) => number {
  const { config } = loadConfig({ env, readFile: () => '' })
  const acceptor = acceptorOf(config, isFast)
  const names = createNames()
  const each = Array.from({ length: connections }, () =>
    ({ ordinary: acceptor.ordinary?.connection(), ...createDecoder(config.forward, systemClock, names) }))
  const record = createRecord()
  return ({ bytes }, connection = 0) => {
    const { ordinary, assembler, reader } = each[connection] as typeof each[number]
    let taken = 0
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes)
      assembler.feed(piece)
      ordinary?.renew()
      while (true) {
        const lineCount = assembler.nextAt < 0 ? 0 : ordinary?.takeFrames(piece, assembler.nextAt, piece.length) ?? 0
        if (lineCount > 0 && ordinary !== undefined) assembler.pass(ordinary.nextAt)
        taken += lineCount
        if (!assembler.next()) break
        reader.begin(assembler.bytes, assembler.start)
        while (reader.next(record) !== found.end) {
          if (acceptor.accept(record)) taken++
          ordinary?.follow(reader, record)
        }
      }
    }
    return taken
  }
}

/** What no way in can do without: each byte looked at once. */
export function plainLoop ({ bytes }: Frames): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at++) sum += bytes[at] as number
  return sum
}
