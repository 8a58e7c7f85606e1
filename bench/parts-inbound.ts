import { createClassifier } from '../src/classify/classifier.ts'
import { loadConfig } from '../src/config/load.ts'
import { createRecord, stream, type Stream } from '../src/contracts/record.ts'
import { systemClock } from '../src/contracts/clock.ts'
import { found } from '../src/sources/forward/found.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { createDecoder } from './decoder.ts'
import { isError, lineOf } from './lines.ts'
import type { Part } from './part.ts'
import { createWay, framesOf, plainLoop, type Frames } from './way.ts'

const lineCount = 10_000
const pieceBytes = 65_536

/** From the bytes of a socket to the write buffers. */
export function inboundParts (): readonly Part[] {
  const sequences = Array.from({ length: lineCount * 2 }, (_, sequence) => sequence)
  const access = sequences.filter(sequence => !isError(sequence)).slice(0, lineCount).map(lineOf)
  const errors = sequences.map(sequence => lineOf(sequence - sequence % 20 + 7)).slice(0, lineCount)
  const [accessFrames, errorFrames] = [framesOf('stdout', access), framesOf('stderr', errors)]
  const floor = 'each byte read once'
  const part = (name: string, frames: Frames, work: (frames: Frames) => unknown): Part => ({
    name, floor, units: lineCount, work: () => work(frames), least: () => plainLoop(frames),
  })
  return [
    part('frames to records', accessFrames, decode),
    part('classify access', linesOf(access), createWalk(stream.stdout)),
    part('whole way in, access', accessFrames, createWay()),
    part('fast path, access', accessFrames, createWay(true)),
    part('whole way in, errors', errorFrames, createWay()),
  ]
}

const { config } = loadConfig({ env: {}, readFile: () => '' })

function decode ({ bytes }: Frames): number {
  const { assembler, reader } = createDecoder(config.forward, systemClock)
  const record = createRecord()
  let count = 0
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    assembler.feed(bytes.subarray(at, at + pieceBytes))
    while (assembler.next()) {
      reader.begin(assembler.bytes, assembler.start)
      while (reader.next(record) !== found.end) count++
    }
  }
  return count
}

interface Lines extends Frames { readonly ends: Int32Array }

function linesOf (lines: readonly string[]): Lines {
  const ends = new Int32Array(lines.length)
  lines.reduce((end, line, index) => (ends[index] = end + Buffer.byteLength(line)), 0)
  return { bytes: Buffer.from(lines.join('')), lineCount: lines.length, ends }
}

function createWalk (from: Stream): (lines: Frames) => number {
  const { classify } = createClassifier({ ...config.access, metrics: new Metrics() })
  const record = createRecord()
  record.container = 'web'
  record.stream = from
  return lines => {
    const { bytes, ends } = lines as Lines
    record.bytes = bytes
    let start = 0
    let named = 0
    for (const end of ends) {
      record.start = start
      record.end = start = end
      named += classify(record).rule.name.length
    }
    return named
  }
}
