import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { ForwardSecrets } from './handshake.ts'
import { TlsDoor } from './tls-door.ts'

type Path = string | 'off'

export interface CredentialOptions {
  readonly tls: { readonly cert: Path, readonly key: Path, readonly clientCa: Path }
  readonly auth: {
    readonly sharedKey: string | 'off'
    readonly sharedKeyFile: Path
    /** `name=password` */
    readonly users: readonly string[]
    readonly usersFile: Path
    readonly serverName: string
  }
}

/** What a sender is asked for, and shown. */
export interface Credentials {
  readonly tls: TlsDoor | undefined
  readonly secrets: ForwardSecrets | undefined
  readonly certificate: X509Certificate | undefined
}

const maxFileBytes = 1024 * 1024
const newline = 0x0a
const equalsSign = 0x3d

/**
 * Reads what the settings name, and makes something new of it only when it is not what it was.
 *
 * @returns what reads it: undefined when nothing has changed since the last call, whatever became of it. It throws an
 *   Error that names the setting and what is wrong, and never what a file holds
 */
export function createCredentialReader ({ tls, auth }: CredentialOptions): () => Promise<Credentials | undefined> {
  const files = Object.entries({
    'tcpTls.cert': tls.cert,
    'tcpTls.key': tls.key,
    'tcpTls.clientCa': tls.clientCa,
    'tcpAuth.sharedKeyFile': auth.sharedKeyFile,
    'tcpAuth.usersFile': auth.usersFile,
  }).filter(([, path]) => path !== 'off')
  /** What was tried last, whether it could be used or not. */
  let tried: ReadonlyMap<string, Buffer> | undefined
  return async () => {
    const texts = new Map<string, Buffer>()
    for (const [setting, path] of files) texts.set(setting, await readSmall(setting, path))
    const before = tried
    tried = texts
    const isSame = ([setting, bytes]: [string, Buffer]) => before?.get(setting)?.equals(bytes) === true
    if (before !== undefined && [...texts].every(isSame)) return undefined
    return { ...tlsOf(texts), secrets: secretsOf(auth, texts) }
  }
}

function tlsOf (texts: ReadonlyMap<string, Buffer>): Pick<Credentials, 'tls' | 'certificate'> {
  const [cert, key, clientCa] = ['cert', 'key', 'clientCa'].map(name => texts.get(`tcpTls.${name}`))
  if (cert === undefined || key === undefined) return { tls: undefined, certificate: undefined }
  const [certificate] = certificatesOf('tcpTls.cert', cert)
  if (clientCa !== undefined) certificatesOf('tcpTls.clientCa', clientCa)
  try {
    return { tls: new TlsDoor({ cert, key, clientCa }), certificate }
  } catch (error) {
    // A key that is none, or not that of the certificate. OpenSSL says which, and shows nothing of it.
    throw new Error(`tcpTls.key: cannot be used with tcpTls.cert: ${(error as Error).message}`, { cause: error })
  }
}

function secretsOf (
  { sharedKey, users, usersFile, serverName }: CredentialOptions['auth'], texts: ReadonlyMap<string, Buffer>
): ForwardSecrets | undefined {
  const fileKey = texts.get('tcpAuth.sharedKeyFile')
  if (fileKey === undefined && sharedKey === 'off') return undefined
  const key = fileKey === undefined ? Buffer.from(sharedKey) : withoutLineEnd(fileKey)
  if (key.length === 0) throw new Error('tcpAuth.sharedKeyFile: is empty')
  const fileUsers = texts.get('tcpAuth.usersFile')
  const lines = fileUsers === undefined ? users.map(user => Buffer.from(user)) : linesOf(fileUsers)
  const hasUsers = usersFile !== 'off' || users.length > 0
  return { sharedKey: key, users: hasUsers ? usersOf(lines) : undefined, serverName }
}

async function readSmall (setting: string, path: string): Promise<Buffer> {
  try {
    const about = await stat(path)
    if (!about.isFile()) throw new Error('not a file')
    if (about.size > maxFileBytes) throw new Error(`larger than ${maxFileBytes} bytes`)
    return await readFile(path)
  } catch (error) {
    throw new Error(`${setting}: cannot read ${JSON.stringify(path)}: ${(error as Error).message}`, { cause: error })
  }
}

/** @throws Error when there is none, or one of them cannot be read */
function certificatesOf (setting: string, pem: Buffer): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [A-Z\d ]+-----/g) ?? []
  if (blocks.length === 0) throw new Error(`${setting}: holds no certificate in PEM`)
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block)
    } catch (error) {
      throw new Error(`${setting}: certificate ${index + 1} cannot be read: ${(error as Error).message}`, { cause: error })
    }
  })
}

function usersOf (lines: readonly Buffer[]): ReadonlyMap<string, Buffer> {
  const users = new Map<string, Buffer>()
  for (const [index, line] of lines.entries()) {
    if (line.length === 0) continue
    const at = line.indexOf(equalsSign)
    const name = line.toString('latin1', 0, Math.max(at, 0))
    if (name === '' || at === line.length - 1) throw new Error(`tcpAuth.usersFile: line ${index + 1} is not name=password`)
    if (users.has(name)) throw new Error(`tcpAuth.usersFile: line ${index + 1} has the name of an earlier one`)
    users.set(name, line.subarray(at + 1))
  }
  return users
}

function linesOf (bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    const newlineAt = bytes.indexOf(newline, start)
    const end = newlineAt < 0 ? bytes.length : newlineAt
    lines.push(withoutLineEnd(bytes.subarray(start, end)))
    start = end + 1
  }
  return lines
}

function withoutLineEnd (bytes: Buffer): Buffer {
  let end = bytes.length
  if (bytes[end - 1] === newline) end--
  if (bytes[end - 1] === 0x0d) end--
  return bytes.subarray(0, end)
}
