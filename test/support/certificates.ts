import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** A certificate in PEM and its key. */
export interface Issued {
  readonly cert: string
  readonly key: string
  readonly name: string
  readonly privateKey: KeyObject
}

export interface IssueOptions {
  /** undefined: it issues itself. */
  readonly issuer?: Issued
  readonly isAuthority?: boolean
  readonly fromMs?: number
  readonly untilMs?: number
}

const dayMs = 86_400_000

/**
 * Issues a certificate for `localhost` and 127.0.0.1, so that a test needs neither keys in the repository nor a tool
 * beside Node. Source: RFC 5280
 */
export function issue (name: string, options: IssueOptions = {}): Issued {
  const { issuer, isAuthority = false, fromMs = Date.now() - dayMs, untilMs = Date.now() + 365 * dayMs } = options
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = [
    sequence(oid('551d13'), boolean(true), octets(sequence(...(isAuthority ? [boolean(true)] : [])))),
    sequence(oid('551d11'), octets(sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1))))),
  ]
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(time(fromMs), time(untilMs)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions))
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = certificate.toString('base64').match(/.{1,64}/g)?.join('\n') ?? ''
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    privateKey,
  }
}

function der (type: number, content: Buffer): Buffer {
  const { length } = content
  const longHead = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  const head = [type, ...(length < 0x80 ? [length] : longHead)]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, Buffer.concat(parts))
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const boolean = (value: boolean) => der(0x01, Buffer.of(value ? 0xff : 0))
const octets = (content: Buffer) => der(0x04, content)
const nameOf = (name: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))

/** UTCTime, which has years until 2049. */
function time (ms: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`))
}
