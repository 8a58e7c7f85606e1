import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { Acceptor } from '../../contracts/source.ts'
import { createRecord } from '../../contracts/record.ts'
import { decompress } from '../../sources/forward/decompress.ts'
import { FrameAssembler } from '../../sources/forward/frame-assembler.ts'
import { FrameReader } from '../../sources/forward/frame-reader.ts'
import type { ForwardLimits } from '../../sources/forward/limits.ts'

export interface CaptureOptions {
  readonly chunks: AsyncIterable<Buffer>
  readonly limits: ForwardLimits
  readonly acceptor: Acceptor
  readonly clock: Clock
  /** Aborts when nobody wants more. */
  readonly signal: AbortSignal
}

/** Frames of which the unfinished may take memory. */
const maxBufferedFrames = 8

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
  const { chunks, limits, clock } = options
  const budget = { usedBytes: 0, maxBytes: maxBufferedFrames * limits.maxFrameBytes }
  const assembler = new FrameAssembler(limits, budget)
  const reader = new FrameReader(limits, clock)
  try {
    for await (const chunk of chunks) {
      assembler.feed(chunk)
      while (assembler.next()) await readFrame(reader, assembler, options)
      if (options.signal.aborted) return undefined
    }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_FRAME') throw error
    return `frame at byte ${assembler.frameOffsetBytes}: ${error.message}`
  }
  return assembler.isWithinFrame ? `frame at byte ${assembler.frameOffsetBytes}: ends before its end` : undefined
}

async function readFrame (
  reader: FrameReader, { bytes, start }: FrameAssembler, { limits, acceptor }: CaptureOptions
): Promise<void> {
  reader.begin(bytes, start)
  if (reader.isCompressed) reader.unpacked(await decompress(reader.payload, limits.maxDecompressedBytes))
  const record = createRecord()
  while (reader.next(record)) {
    acceptor.accept(record)
    if (acceptor.isFull) await acceptor.whenWritable()
  }
  reader.release()
}

// Tested in test/cli/explain.test.ts
