import { SluiceError } from '../../contracts/errors.ts'

/** Why bytes on a log socket were refused: the `reason` label of `sluice_frames_refused_total`. */
export type RefusalReason =
  | 'json' | 'tls' | 'not_array' | 'reserved' | 'frame_bytes' | 'items' | 'nesting' | 'memory'
  | 'tag' | 'entries' | 'entry_count' | 'time' | 'record' | 'option'
  | 'compression' | 'decompressed_bytes'
  /** It did not grow while its connection was waited for. */
  | 'unfinished'
  /** Its sender asks for acks, and lets them lie. */
  | 'acks_unread'
  /** The connection ended within a frame: its sender sends it again. Counted, never logged. */
  | 'truncated'

/** @throws SluiceError `ERR_FRAME`, always: the connection that brought the bytes is closed */
export function refuse (reason: RefusalReason, message: string, cause?: unknown): never {
  throw new SluiceError('ERR_FRAME', message, { reason, cause })
}

/** The settings whose limits refuse frames. */
const limitOf: Readonly<Partial<Record<RefusalReason, string>>> = {
  frame_bytes: 'forward.maxFrameBytes',
  items: 'forward.maxItems',
  nesting: 'forward.maxNesting',
  entry_count: 'forward.maxEntries',
  decompressed_bytes: 'forward.maxDecompressedBytes',
  memory: 'memory.maxBytes and the memory of the container',
}

/** What to do about what an honest sender may do, too; nothing for other reasons. */
export function refusalAdvice (reason: RefusalReason): { readonly advice?: string } {
  if (reason === 'acks_unread') return { advice: 'have its sender read its acks, or ask for none: what it sent last is not taken' }
  const limit = limitOf[reason]
  if (limit === undefined) return {}
  // Of a sender who does not say how many there are, the first are taken, and again each time it sends them.
  const what = reason === 'entry_count' ? 'not all of its lines are' : 'its lines are not'
  return { advice: `${what} taken: have its sender send less at once, or raise ${limit}` }
}

/** A byte as messages show it: `0x5b`. */
export function hex (byte: number | undefined): string {
  return byte === undefined ? 'nothing' : `0x${byte.toString(16).padStart(2, '0')}`
}

// Tested in test/sources/forward/frame-scanner.test.ts
