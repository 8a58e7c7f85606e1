import { placeOf } from './filter-context.ts'
import type { Gathered, Place } from './gathered.ts'
import { halves, optionsOf, type Section } from './sections.ts'

const isOn = (value = '') => /^(?:on|true|yes|1)$/i.test(value)

/** What `[INPUT] forward` says of who may send. Its words begin so. */
export function isOfDoor (option: string): boolean {
  return option === 'tls' || option.startsWith('tls.') || option.startsWith('security.') || words.has(option)
}

const words = new Set(['shared_key', 'empty_shared_key', 'self_hostname'])

/**
 * Carries over who may send: `tls`, and the handshake of the Forward protocol. What would be a door that is half open
 * or half closed (a certificate without its key, users without a key) is left out whole, since Sluice does not start
 * with it.
 *
 * Source: https://docs.fluentbit.io/manual/pipeline/inputs/forward
 */
export function translateDoor (gathered: Gathered, section: Section): void {
  const options = optionsOf(section)
  const isSocket = options['unix_path'] !== undefined
  for (const entry of section.entries) {
    const option = entry.key.toLowerCase()
    if (!isOfDoor(option)) continue
    const from = placeOf(section, entry)
    if (isSocket) {
      gathered.leave(from, 'the unix socket lets in whoever may open its file; on tcp it is tcpTls and tcpAuth')
      continue
    }
    const said = option.startsWith('tls') ? ofTls(option, entry.value, options) : ofHandshake(option, entry.value, options)
    if ('path' in said && said.path === 'tcpAuth.users') addUser(gathered, said.value, from)
    else if ('path' in said) gathered.set(said.path, said.value, from, entry.filled, entry.raw)
    else if (said.left !== undefined) gathered.leave(from, said.left, said.proposed)
    else if (said.words !== undefined) gathered.note('nothing', from, said.words)
    if ('path' in said && /Key$|users$/.test(said.path) && said.path.startsWith('tcpAuth')) {
      gathered.note('change', from, `it stands in this file as it stood there, unless a variable does: ${said.path}File, or a variable that ECS fills with a secret, keeps it out`)
    }
  }
}

/** Of two users of one name the first counts, as in Fluent Bit. */
function addUser (gathered: Gathered, user: string, from: Place): void {
  const users = (gathered.values.get('tcpAuth.users')?.value ?? []) as readonly string[]
  const [name = ''] = user.split('=')
  if (users.some(each => each !== user && each.startsWith(`${name}=`))) gathered.leave(from, 'a user of that name is there already')
  else gathered.addWord('tcpAuth.users', user, from)
}

type Said =
  | { readonly path: string, readonly value: string }
  | { readonly left?: string, readonly words?: string, readonly proposed?: readonly string[] }

function ofTls (option: string, value: string, options: Readonly<Record<string, string>>): Said {
  const { 'tls.crt_file': cert, 'tls.key_file': key, 'tls.ca_file': ca, 'tls.key_passwd': passphrase } = options
  if (option === 'tls' || !isOn(options['tls'])) return {}
  if (cert === undefined || key === undefined || passphrase !== undefined) {
    return option === 'tls.key_passwd'
      ? { left: 'the key must have no passphrase: give tcpTls.key one without it, and tcpTls.cert' }
      : { left: 'tcpTls needs a certificate (tls.crt_file) and its key (tls.key_file) without a passphrase: until then, senders with TLS are not understood' }
  }
  const asksForCertificate = isOn(options['tls.verify_client_cert'])
  switch (option) {
    case 'tls.crt_file': return { path: 'tcpTls.cert', value }
    case 'tls.key_file': return { path: 'tcpTls.key', value }
    case 'tls.ca_file':
      if (asksForCertificate) return { path: 'tcpTls.clientCa', value }
      return {
        left: 'a sender could show a certificate of it or none; here all must, or no certificate is asked for',
        proposed: [`tcpTls: { clientCa: ${JSON.stringify(value)} }  # if all senders have a certificate`],
      }
    case 'tls.verify_client_cert':
      return asksForCertificate && ca === undefined ? { left: 'tcpTls.clientCa: name the file with the authority of the senders' } : {}
    case 'tls.ca_path': return { left: 'tcpTls.clientCa is one file: write the certificates into one' }
    case 'tls.min_version':
    case 'tls.max_version':
      return /^tlsv1\.[23]$/i.test(value) ? { words: 'TLS is 1.2 or 1.3' } : { left: 'TLS is 1.2 or 1.3: older senders are not let in' }
    case 'tls.ciphers': return { left: 'ciphers are those of TLS 1.3, and of 1.2 those with keys of one connection only' }
    case 'tls.verify':
    case 'tls.verify_hostname':
    case 'tls.vhost':
    case 'tls.debug': return {}
    default: return { left: 'tcpTls has nothing like it' }
  }
}

function ofHandshake (option: string, value: string, options: Readonly<Record<string, string>>): Said {
  const hasKey = (options['shared_key'] ?? '') !== ''
  switch (option) {
    case 'shared_key': return { path: 'tcpAuth.sharedKey', value }
    case 'self_hostname': return { path: 'tcpAuth.serverName', value }
    case 'security.users': {
      const [name, password] = halves(value)
      if (!hasKey) return { left: 'users need a key: set tcpAuth.sharedKey, and the same for the senders; until then nobody is kept out' }
      return name.includes('=') || name.length > 256 || password === '' || password.length > 1024
        ? { left: 'a user is a name of up to 256 characters without `=`, and a password of up to 1024' }
        : { path: 'tcpAuth.users', value: `${name}=${password}` }
    }
    case 'empty_shared_key':
      return isOn(value) && !hasKey ? { left: 'a key is never empty: set tcpAuth.sharedKey, and the same for the senders' } : {}
    default: return { left: 'tcpAuth has nothing like it' }
  }
}

// Tested in test/config/fluent-bit/forward-door.test.ts
