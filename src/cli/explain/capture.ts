import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { Acceptor } from '../../contracts/source.ts'
import { FrameIntake } from '../../sources/forward/frame-intake.ts'
import type { ForwardLimits } from '../../sources/forward/limits.ts'
import { createForwardShare } from '../../sources/forward/share.ts'

export interface CaptureOptions {
  readonly chunks: AsyncIterable<Buffer>
  readonly limits: ForwardLimits
  readonly acceptor: Acceptor
  readonly clock: Clock
  /** Aborts when nobody wants more. */
  readonly signal: AbortSignal
}

/** Frames in the making take as much memory as so many of the longest. */
const maxFramesInMemory = 4
/** Whoever reads the explanations may take all the time that a timer can measure, ms. */
const maxStallMs = 2 ** 31 - 1

/**
 * Whether these are bytes of the Forward protocol: an array of two to four elements, after heartbeats perhaps. No text
 * begins like that.
 */
export function isCapture (bytes: Buffer): boolean {
  const at = bytes.findIndex(byte => byte !== 0xc0)
  const first = bytes[at]
  if (first === undefined) return bytes.length > 0
  return (first >= 0x90 && first <= 0x9f) || ((first === 0xdc || first === 0xdd) && (bytes[at + 1] ?? 0) === 0)
}

/**
 * Hands over the records of captured bytes of a log socket, as a connection does with what it reads.
 *
 * @returns what is wrong with the bytes, if anything: what came before it was handed over
 */
export async function readCapture (options: CaptureOptions): Promise<string | undefined> {
  const { chunks, limits, acceptor, clock, signal } = options
  const maxMemoryBytes = maxFramesInMemory * limits.maxFrameBytes
  const share = createForwardShare({ room: acceptor, clock, maxStallMs, maxMemoryBytes })
  const counts = { linesCut: { value: 0 }, lagMs: 0 }
  const owner = { onFrame: () => true, onPause () {}, ready: () => undefined, onEvicted () {} }
  const intake = new FrameIntake({ source: 'capture', limits, acceptor, clock, counts, share }, owner)
  try {
    for await (const chunk of chunks) {
      await intake.begin(chunk.length)
      await intake.take(chunk)
      if (signal.aborted) return undefined
    }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_FRAME') throw error
    return `frame at byte ${intake.frameOffsetBytes}: ${error.message}`
  }
  return intake.isWithinFrame ? `frame at byte ${intake.frameOffsetBytes}: ends before its end` : undefined
}

// Tested in test/cli/explain.test.ts
