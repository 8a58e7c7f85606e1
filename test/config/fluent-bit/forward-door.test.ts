import t from 'tap'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { tryConfig } from '../../../src/config/load.ts'
import { settings } from '../../../src/config/settings.ts'
import { readerOf } from '../../support/read-file.ts'

const input = (options: string) => `[INPUT]\n Name forward\n Listen 0.0.0.0\n Port 24224\n ${options.replaceAll('\n', '\n ')}\n`

function read (options: string) {
  const { values, leftovers } = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': input(options) }) })
  const said = Object.fromEntries([...values].filter(([path]) => path !== 'tcp').map(([path, { value }]) => [path, value]))
  return { said, left: leftovers.map(({ option, hint }) => `${option}: ${hint}`) }
}

const tls = 'tls on\ntls.crt_file /c\ntls.key_file /k'

t.test('who may send is carried over', async t => {
  t.same(read('shared_key k\nself_hostname logs\nsecurity.users a b c\nsecurity.users d e'),
    { said: { 'tcpAuth.sharedKey': 'k', 'tcpAuth.serverName': 'logs', 'tcpAuth.users': ['a=b c', 'd=e'] }, left: [] })
  t.same(read(`${tls}\ntls.verify off\ntls.min_version TLSv1.3`), { said: { 'tcpTls.cert': '/c', 'tcpTls.key': '/k' }, left: [] })
  t.same(read(`${tls}\ntls.verify_client_cert on\ntls.ca_file /ca`).said, { 'tcpTls.cert': '/c', 'tcpTls.key': '/k', 'tcpTls.clientCa': '/ca' })
  t.same(read('tls off\ntls.crt_file /c\ntls.key_file /k'), { said: {}, left: [] })
})

t.test('what would be half a door is none, and says so', async t => {
  for (const [options, words] of [
    ['tls on\ntls.crt_file /c', /a certificate .* and its key/],
    [`${tls}\ntls.key_passwd x`, /no passphrase/],
    [`${tls}\ntls.ca_file /ca`, /here all must/],
    [`${tls}\ntls.verify_client_cert on`, /authority of the senders/],
    [`${tls}\ntls.ciphers X`, /ciphers/],
    [`${tls}\ntls.min_version TLSv1.1`, /older senders/],
    [`${tls}\ntls.ca_path /x`, /one file/],
    ['security.users a b', /users need a key/],
    ['shared_key k\nsecurity.users a=b c', /without `=`/],
    ['shared_key k\nsecurity.users a b\nsecurity.users a c', /there already/],
    ['empty_shared_key on', /never empty/],
    ['unix_path /s\nshared_key k', /unix socket/],
  ] as const) {
    const { left } = read(options)
    t.ok(left.some(each => words.test(each)), `${options}: ${left.join('; ')}`)
  }
})

t.test('the service takes all of a door from one place, and none that is half open', async t => {
  const load = (file: string, env: Readonly<Record<string, string>>) =>
    tryConfig({ env, readFile: readerOf({ '/fluent-bit/etc/fluent-bit.conf': file }) })
  const doorOf = (outcome: ReturnType<typeof tryConfig>) => {
    if (outcome.kind === 'mistakes') return outcome.mistakes
    const { tcpAuth: { sharedKey, sharedKeyFile, users }, tcpTls: { cert } } = outcome.loaded.config
    return { sharedKey, sharedKeyFile, users, cert }
  }
  const whole = input(`${tls}\nshared_key k\nsecurity.users a b`)
  t.same(doorOf(load(whole, {})), { sharedKey: 'k', sharedKeyFile: 'off', users: ['a=b'], cert: '/c' })
  t.same(doorOf(load(whole, { SLUICE_TCP_AUTH_SHARED_KEY_FILE: '/f' })), { sharedKey: 'off', sharedKeyFile: '/f', users: [], cert: '/c' })
  t.same(doorOf(load(input(`shared_key $${'{NOT_SET}'}\nsecurity.users a b`), {})), { sharedKey: 'off', sharedKeyFile: 'off', users: [], cert: 'off' })
})
