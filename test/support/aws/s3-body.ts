import { decodeAwsChunked } from './aws-chunked.ts'
import { checksums, isChecksumName } from './checksums.ts'
import type { ChecksumName } from './checksums.ts'
import type { PayloadKind } from './sigv4.ts'
import { AwsError } from './wire.ts'
import type { AwsRequest } from './wire.ts'

export interface VerifiedBody {
  readonly payload: Buffer
  /** Base64 by algorithm: those sent, or CRC64NVME as S3 adds it itself. */
  readonly checksums: Readonly<Record<string, string>>
}

const breach = (status: number, code: string, message: string, rule: string): AwsError =>
  new AwsError(status, code, message, { breach: rule })

/**
 * Takes the framing off the body of a PutObject and compares it with every length, digest and checksum sent.
 *
 * @throws AwsError as S3 words it; all of them are breaches but a body over the stand-in's own limit
 */
export function verifyBody (request: AwsRequest, payloadKind: PayloadKind, hasObjectLock: boolean): VerifiedBody {
  const { headers } = request
  const chunked = payloadKind === 'trailer'
  const lengthHeader = headers.get(chunked ? 'x-amz-decoded-content-length' : 'content-length')
  if (!chunked && headers.has('transfer-encoding')) {
    throw breach(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', 'transfer-encoding')
  }
  if (lengthHeader === undefined || !/^\d+$/.test(lengthHeader)) {
    throw breach(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.', 'content-length')
  }
  if (request.overlong) {
    throw breach(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 'object-bytes')
  }
  if (!chunked && /(^|,)\s*aws-chunked\b/.test(headers.get('content-encoding') ?? '')) {
    throw breach(400, 'InvalidRequest', 'aws-chunked needs a STREAMING- value of x-amz-content-sha256', 'aws-chunked')
  }
  const { payload, trailers } = chunked
    ? unwrap(request)
    : { payload: request.body, trailers: new Map<string, string>() }
  if (payload.length !== Number(lengthHeader)) {
    throw breach(400, 'IncompleteBody', 'The request body does not have the number of bytes it announced', 'content-length')
  }
  verifyMd5(headers.get('content-md5'), payload)
  const verified = { payload, checksums: verifyChecksums(request, payload, trailers) }
  const isGuarded = headers.has('content-md5') || [...headers.keys(), ...trailers.keys()].some(isChecksumHeader)
  // Not a breach: whether a bucket has it is the operator's business, and the client cannot know.
  if (hasObjectLock && !isGuarded) {
    throw new AwsError(400, 'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters')
  }
  return verified
}

function isChecksumHeader (name: string): boolean {
  return name.startsWith('x-amz-checksum-') && !['x-amz-checksum-type', 'x-amz-checksum-algorithm'].includes(name)
}

function unwrap (request: AwsRequest): { payload: Buffer, trailers: ReadonlyMap<string, string> } {
  const body = decodeAwsChunked(request.body)
  switch (body.kind) {
    case 'whole': {
      const announced = (request.headers.get('x-amz-trailer') ?? '').split(',').map(name => name.trim().toLowerCase())
      const names = announced.filter(name => name !== '')
      if (names.length !== body.trailers.size || names.some(name => !body.trailers.has(name))) {
        throw breach(400, 'MalformedTrailerError', 'The trailer is not the one that x-amz-trailer announces', 'trailer')
      }
      return body
    }
    case 'small':
      throw new AwsError(403, 'InvalidChunkSizeError', 'Only the last chunk is allowed to have a size less than 8192 bytes', {
        breach: 'chunk-bytes', details: { Chunk: String(body.chunk), BadChunkSize: String(body.bytes) },
      })
    case 'torn':
      throw breach(400, 'IncompleteBody', 'The request body terminated unexpectedly', 'aws-chunked')
    case 'malformed':
      throw breach(400, 'InvalidRequest', `The aws-chunked body is malformed: ${body.found}`, 'aws-chunked')
  }
}

function verifyMd5 (sent: string | undefined, payload: Buffer): void {
  if (sent === undefined) return
  if (!isDigest(sent, 'md5')) throw breach(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.', 'content-md5')
  if (checksums.md5(payload) !== sent) {
    throw breach(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.', 'content-md5')
  }
}

function verifyChecksums (
  request: AwsRequest, payload: Buffer, trailers: ReadonlyMap<string, string>
): Record<string, string> {
  const sent = [...request.headers, ...trailers].filter(([name]) => isChecksumHeader(name))
  if (sent.length > 1) {
    throw breach(400, 'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.', 'checksum')
  }
  const algorithm = request.headers.get('x-amz-sdk-checksum-algorithm')
  const [header] = sent
  if (header === undefined) {
    if (algorithm !== undefined) {
      throw breach(400, 'InvalidRequest', 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.', 'checksum')
    }
    return { crc64nvme: checksums.crc64nvme(payload) }
  }
  const [headerName, value] = header
  const name = headerName.slice('x-amz-checksum-'.length)
  if (!isChecksumName(name)) {
    throw breach(501, 'NotImplemented', `The stand-in cannot compute ${headerName}`, 'checksum')
  }
  if (algorithm !== undefined && algorithm.toLowerCase() !== name) {
    throw breach(400, 'InvalidRequest', `Value for x-amz-sdk-checksum-algorithm header is invalid: ${headerName} was sent.`, 'checksum')
  }
  if (!isDigest(value, name)) throw breach(400, 'InvalidRequest', `Value for ${headerName} header is invalid.`, 'checksum')
  if (checksums[name](payload) !== value) {
    throw breach(400, 'BadDigest', `The ${name.toUpperCase()} you specified did not match the calculated checksum.`, 'checksum')
  }
  return { [name]: value }
}

/** Base64 of exactly the algorithm's length. */
function isDigest (value: string, name: ChecksumName): boolean {
  const bytes = Buffer.from(value, 'base64')
  const expectedBytes = Buffer.from(checksums[name](Buffer.alloc(0)), 'base64').length
  return bytes.length === expectedBytes && bytes.toString('base64') === value
}
