import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { driverFrames, type Container, type DriverLine } from './docker-driver.ts'

export interface Capture {
  readonly container: Container
  readonly source: 'stdout' | 'stderr'
  /** File with the lines, as the container wrote them. */
  readonly path: string
}

export interface Replayed { readonly lines: number, readonly frames: number, readonly bytes: number }

const newline = 10

/** The lines of a file as bytes: nothing is decoded, so nothing changes. */
export function linesOf (content: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < content.length;) {
    const at = content.indexOf(newline, start)
    const end = at < 0 ? content.length : at
    lines.push(content.subarray(start, end))
    start = end + 1
  }
  return lines
}

/**
 * Sends captures to a unix socket, one connection a container, as Docker's driver does.
 *
 * stdout and stderr of a container share its connection; which of them is read first is not defined there either.
 */
export async function replay (
  captures: readonly Capture[], socketPath: string, random: () => number
): Promise<Replayed> {
  const containers = [...new Set(captures.map(({ container }) => container))]
  const results = await Promise.all(containers.map(async container => {
    const lines = interleave(captures.filter(capture => capture.container === container), random)
    const frames = lines.flatMap(line => driverFrames(container, line, random))
    await pipeline(Readable.from(frames), connect(socketPath))
    return { lines: lines.length, frames: frames.length, bytes: frames.reduce((sum, { length }) => sum + length, 0) }
  }))
  return results.reduce((sum, each) => ({
    lines: sum.lines + each.lines, frames: sum.frames + each.frames, bytes: sum.bytes + each.bytes,
  }))
}

/** Lines of one container, as they may come. */
export function interleave (captures: readonly Capture[], random: () => number): DriverLine[] {
  const queues = captures
    .map(({ path, source }) => linesOf(readFileSync(path)).map(bytes => ({ source, bytes })).reverse())
  const lines: DriverLine[] = []
  for (let open = queues; open.length > 0; open = open.filter(({ length }) => length > 0)) {
    const queue = open[Math.floor(random() * open.length)]
    const next = queue?.pop()
    if (next !== undefined) lines.push({ ...next, timeMs: Date.now() })
  }
  return lines
}
