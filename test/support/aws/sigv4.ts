import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { AwsRequest, ServiceName } from './wire.ts'

/** Who may call. */
export interface Account {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** When set, requests must carry it; when not, they must carry none. */
  readonly sessionToken?: string
  /** Twelve digits. */
  readonly accountId: string
  /** From this moment on (ms since the epoch) the credentials are expired. */
  readonly expiresAtMs?: number
}

/** How the body is covered: by its hash, not at all, or by a checksum in the trailer of an aws-chunked body. */
export type PayloadKind = 'hashed' | 'unsigned' | 'trailer'

export type RefusalReason =
  | 'missing' | 'malformed' | 'unknown-key' | 'bad-token' | 'expired' | 'skewed' | 'wrong-service'
  | 'unsigned-headers' | 'mismatch' | 'payload-missing' | 'payload-unsupported' | 'payload-mismatch'

export type Verdict =
  | { readonly kind: 'verified', readonly account: Account, readonly region: string, readonly payload: PayloadKind }
  | { readonly kind: 'refused', readonly reason: RefusalReason, readonly found: string }

const maxSkewMs = 15 * 60 * 1000
const form = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([a-z0-9;_-]+), ?Signature=([0-9a-f]{64})$/

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const refused = (reason: RefusalReason, found: string): Verdict => ({ kind: 'refused', reason, found })

/**
 * Checks the `Authorization` header of a request against the secret of its account, over the whole body.
 *
 * Never throws: what a refusal is called is for the service to say.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature (
  request: AwsRequest, service: ServiceName, accounts: readonly Account[], nowMs: number
): Verdict {
  const authorization = request.headers.get('authorization')
  if (authorization === undefined) return refused('missing', 'no authorization header')
  const parts = form.exec(authorization)
  if (parts === null) return refused('malformed', 'authorization header of another form')
  const [, accessKeyId = '', day = '', region = '', scopedService = '', signedHeaders = '', signature = ''] = parts
  const account = accounts.find(candidate => candidate.accessKeyId === accessKeyId)
  if (account === undefined) return refused('unknown-key', accessKeyId)
  if (scopedService !== service) return refused('wrong-service', scopedService)

  const stamp = request.headers.get('x-amz-date') ?? ''
  const signedAtMs = parseStamp(stamp)
  if (Number.isNaN(signedAtMs) || !stamp.startsWith(day)) return refused('malformed', `x-amz-date ${stamp}`)
  if (Math.abs(nowMs - signedAtMs) > maxSkewMs) return refused('skewed', stamp)

  const names = signedHeaders.split(';')
  const unsigned = findUnsigned(request, names)
  if (unsigned !== undefined) return refused('unsigned-headers', unsigned)

  const payload = readPayload(request, service)
  if ('reason' in payload) return payload
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonicalRequest(request, service, names, payload.hash))]
  const key = hmac(hmac(hmac(hmac(`AWS4${account.secretAccessKey}`, day), region), service), 'aws4_request')
  if (!timingSafeEqual(hmac(key, toSign.join('\n')), Buffer.from(signature, 'hex'))) {
    return refused('mismatch', signature)
  }

  const whole = !request.overlong
  if (whole && payload.kind === 'hashed' && sha256(request.body) !== payload.hash) return refused('payload-mismatch', payload.hash)
  if (request.headers.get('x-amz-security-token') !== account.sessionToken) return refused('bad-token', accessKeyId)
  if (nowMs >= (account.expiresAtMs ?? Infinity)) return refused('expired', accessKeyId)
  return { kind: 'verified', account, region, payload: payload.kind }
}

/** Only S3 names the payload in a header; elsewhere the hash of the body that arrived takes its place. */
function readPayload (
  request: AwsRequest, service: ServiceName
): { kind: PayloadKind, hash: string } | Extract<Verdict, { kind: 'refused' }> {
  if (service !== 's3') return { kind: 'hashed', hash: sha256(request.body) }
  const hash = request.headers.get('x-amz-content-sha256')
  if (hash === undefined) return { kind: 'refused', reason: 'payload-missing', found: '' }
  if (hash === 'UNSIGNED-PAYLOAD') return { kind: 'unsigned', hash }
  if (hash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return { kind: 'trailer', hash }
  if (/^[0-9a-f]{64}$/.test(hash)) return { kind: 'hashed', hash }
  return { kind: 'refused', reason: 'payload-unsupported', found: hash }
}

/** `host` and every `x-amz-` header must be covered by the signature, and no name may be listed that was not sent. */
function findUnsigned (request: AwsRequest, names: readonly string[]): string | undefined {
  for (const name of request.headers.keys()) {
    if ((name === 'host' || name.startsWith('x-amz-')) && !names.includes(name)) return name
  }
  return names.find(name => !request.headers.has(name))
}

function canonicalRequest (
  request: AwsRequest, service: ServiceName, names: readonly string[], payloadHash: string
): string {
  const path = encodePath(request.path, service)
  const query = request.query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const headers = names.map(name => `${name}:${(request.headers.get(name) ?? '').replace(/ +/g, ' ')}\n`).join('')
  return [request.method, path, query, headers, names.join(';'), payloadHash].join('\n')
}

/** S3 signs the path encoded once, every other service encodes the encoded path again. */
function encodePath (path: string, service: ServiceName): string {
  return path.split('/').map(part => service === 's3' ? encode(decodeURIComponent(part)) : encode(part)).join('/')
}

function encode (text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** By code point of ASCII text, never by locale. */
function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function parseStamp (stamp: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp)
  if (parts === null) return NaN
  const [, year, month, day, hour, minute, second] = parts
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
