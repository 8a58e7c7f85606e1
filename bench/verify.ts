import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Aws } from '../test/support/aws/server.ts'
import { unnumberedLine, type Workload } from './lines.ts'
import { bucket } from './stand-in.ts'

export interface Check {
  readonly lost: number
  readonly repeated: number
  /** Not the bytes that were sent. */
  readonly altered: number
  /** Errors among the objects, access lines among the events. */
  readonly misrouted: number
  readonly objectBytes: number
}

/** Every line that AWS has is compared with what its number says it was, byte for byte. */
export function verify ({ state }: Aws, { isError, lineOf }: Workload, count: number): Check {
  const seen = new Uint8Array(count)
  const check = { lost: 0, repeated: 0, altered: 0, misrouted: 0, objectBytes: 0 }
  let unnumbered = 0

  const take = (line: string, isEvent: boolean) => {
    if (line === '') return
    if (line === unnumberedLine) {
      unnumbered++
      return
    }
    const sequence = Number(/seq(?:=|":")(\d{10})/.exec(line)?.[1])
    // A router may set something before the line, as the name of its stream, and nothing within it.
    if (!(sequence < count) || !line.endsWith(lineOf(sequence))) {
      check.altered++
      return
    }
    if (isError(sequence) !== isEvent) check.misrouted++
    if (seen[sequence] === 1) check.repeated++
    seen[sequence] = 1
  }

  for (const { body } of state.objects(bucket)) {
    check.objectBytes += body.length
    for (const line of textOf(body).split('\n')) take(line, false)
  }
  for (const [group, stream] of state.streams()) {
    for (const { message } of state.events(group, stream)) for (const line of message.split('\n')) take(line, true)
  }
  for (let sequence = 0; sequence < count; sequence++) {
    if (lineOf(sequence) === unnumberedLine) unnumbered--
    else if (seen[sequence] === 0) check.lost++
  }
  check.lost += Math.max(0, -unnumbered)
  check.repeated += Math.max(0, unnumbered)
  return check
}

function textOf (body: Buffer): string {
  if (body[0] === 0x1f && body[1] === 0x8b) return gunzipSync(body).toString()
  return body.length > 3 && body.readUInt32LE() === 0xfd2fb528 ? zstdDecompressSync(body).toString() : body.toString()
}
