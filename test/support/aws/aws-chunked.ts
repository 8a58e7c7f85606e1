/** Every chunk but the last must hold at least this much. */
const minChunkBytes = 8192

export type ChunkedBody =
  | { readonly kind: 'whole', readonly payload: Buffer, readonly trailers: ReadonlyMap<string, string> }
  /** A chunk other than the last is shorter than S3 allows. */
  | { readonly kind: 'small', readonly chunk: number, readonly bytes: number }
  /** The body ends before its last chunk or trailer does. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'malformed', readonly found: string }

/**
 * Takes the framing off an unsigned `aws-chunked` body: `size in hex CRLF bytes CRLF … 0 CRLF name:value CRLF … CRLF`.
 *
 * Never throws. The payload shares no memory with `body` unless it is one chunk.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeAwsChunked (body: Buffer): ChunkedBody {
  const chunks: Buffer[] = []
  let offset = 0
  while (offset < body.length) {
    const line = readLine(body, offset)
    if (line === undefined) return { kind: 'torn' }
    if (!/^[0-9a-fA-F]{1,8}$/.test(line)) return { kind: 'malformed', found: 'chunk header that is not a bare size' }
    const bytes = Number.parseInt(line, 16)
    offset += line.length + 2
    if (bytes === 0) return readTrailers(body, offset, chunks)
    if (offset + bytes + 2 > body.length) return { kind: 'torn' }
    if (body[offset + bytes] !== 13 || body[offset + bytes + 1] !== 10) {
      return { kind: 'malformed', found: 'chunk that does not end where its size says' }
    }
    chunks.push(body.subarray(offset, offset + bytes))
    offset += bytes + 2
  }
  return { kind: 'torn' }
}

function readTrailers (body: Buffer, start: number, chunks: readonly Buffer[]): ChunkedBody {
  const small = chunks.findIndex((chunk, index) => index < chunks.length - 1 && chunk.length < minChunkBytes)
  if (small !== -1) return { kind: 'small', chunk: small + 1, bytes: chunks[small]?.length ?? 0 }
  const trailers = new Map<string, string>()
  let offset = start
  while (offset < body.length) {
    const line = readLine(body, offset)
    if (line === undefined) return { kind: 'torn' }
    offset += line.length + 2
    if (line === '') {
      if (offset !== body.length) return { kind: 'malformed', found: 'bytes after the trailer' }
      const only = chunks.length === 1 ? chunks[0] : undefined
      return { kind: 'whole', payload: only ?? Buffer.concat(chunks), trailers }
    }
    const colon = line.indexOf(':')
    if (colon < 1) return { kind: 'malformed', found: 'trailer line without a name' }
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return { kind: 'torn' }
}

/** The line at `offset` without its CRLF; a header or trailer line over 1 KiB is as good as none. */
function readLine (body: Buffer, offset: number): string | undefined {
  const window = body.subarray(offset, offset + 1024)
  const end = window.indexOf('\r\n')
  return end === -1 ? undefined : window.toString('latin1', 0, end)
}
