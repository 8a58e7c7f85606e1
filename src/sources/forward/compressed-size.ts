/** No gzip unpacks to more times its length. Source: https://www.zlib.net/zlib_tech.html */
const maxDeflateRatio = 1032
const gzipLeastBytes = 18
/** Longest head of a zstd frame. */
const zstdHeadBytes = 18
const zstdMagic = 0xfd2fb528

/** What the end of a gzip says that it, or its last member, unpacks to, bytes; 0 when that cannot be. */
export function gzipContentBytes (payload: Buffer): number {
  if (payload.length < gzipLeastBytes) return 0
  const bytes = payload.readUInt32LE(payload.length - 4)
  return bytes <= payload.length * maxDeflateRatio ? bytes : 0
}

/** What the head of a zstd frame says that it unpacks to, bytes; 0 when it does not say. */
export function zstdContentBytes (payload: Buffer): number {
  return readHead(payload).contentBytes
}

/** As much of what it has unpacked as a zstd decoder must keep, bytes, as the head of the frame says. */
export function zstdWindowBytes (payload: Buffer): number {
  return readHead(payload).windowBytes
}

/** Source: https://www.rfc-editor.org/rfc/rfc8878#name-frame-header */
function readHead (payload: Buffer): { readonly contentBytes: number, readonly windowBytes: number } {
  // Zeros stand for what is missing.
  const head = Buffer.alloc(zstdHeadBytes)
  payload.copy(head)
  if (head.readUInt32LE(0) !== zstdMagic) return { contentBytes: 0, windowBytes: 0 }
  const descriptor = head.readUInt8(4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const contentAt = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes
  const contentBytes = contentBytesAt(head, contentAt, descriptor >> 6, isSingleSegment)
  if (isSingleSegment) return { contentBytes, windowBytes: contentBytes }
  const windowDescriptor = head.readUInt8(5)
  const baseBytes = 2 ** (10 + (windowDescriptor >> 3))
  return { contentBytes, windowBytes: baseBytes + baseBytes / 8 * (windowDescriptor & 7) }
}

function contentBytesAt (head: Buffer, at: number, flag: number, isSingleSegment: boolean): number {
  switch (flag) {
    case 0: return isSingleSegment ? head.readUInt8(at) : 0
    case 1: return head.readUInt16LE(at) + 256
    case 2: return head.readUInt32LE(at)
    default: return Number(head.readBigUInt64LE(at))
  }
}
