import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCredentialReader, type CredentialOptions } from '../../../src/sources/forward/credentials.ts'
import { issue } from '../../support/certificates.ts'

const secret = 'only-we-know-this'
const own = issue('sluice')

interface Given { readonly tls?: Partial<CredentialOptions['tls']>, readonly auth?: Partial<CredentialOptions['auth']> }

function optionsOf ({ tls, auth }: Given): CredentialOptions {
  return {
    tls: { cert: 'off', key: 'off', clientCa: 'off', ...tls },
    auth: { sharedKey: 'off', sharedKeyFile: 'off', users: [], usersFile: 'off', serverName: 'sluice', ...auth },
  }
}

/** A directory with these files, and their paths. */
function filesOf (t: Test, texts: Readonly<Record<string, string>>) {
  const directory = t.testdir({ ...texts })
  const pathOf = (name: string) => join(directory, name)
  return { pathOf, write: (name: string, text: string) => writeFileSync(pathOf(name), text) }
}

async function troubleOf (given: Given): Promise<string> {
  try {
    await createCredentialReader(optionsOf(given))()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

t.test('without settings nobody is asked for anything', async t => {
  const nothing = { tls: undefined, certificate: undefined, secrets: undefined }
  t.same(await createCredentialReader(optionsOf({}))(), nothing)
})

t.test('key and users come from settings or from files, without the end of their lines', async t => {
  const { pathOf } = filesOf(t, { key: `${secret}\n`, users: 'shop=a=b\r\n\nadmin= c \n' })
  const fromFiles = await createCredentialReader(optionsOf({ auth: { sharedKeyFile: pathOf('key'), usersFile: pathOf('users') } }))()
  t.same(fromFiles?.secrets?.sharedKey, Buffer.from(secret))
  t.same([...fromFiles?.secrets?.users ?? []], [['shop', Buffer.from('a=b')], ['admin', Buffer.from(' c ')]])
  const fromSettings = await createCredentialReader(optionsOf({ auth: { sharedKey: secret, users: ['shop=a=b'] } }))()
  t.same(fromSettings?.secrets?.sharedKey, Buffer.from(secret))
  t.same([...fromSettings?.secrets?.users ?? []], [['shop', Buffer.from('a=b')]])
})

t.test('a file of users without any lets nobody in, not everybody', async t => {
  const { pathOf } = filesOf(t, { users: '\n' })
  const read = await createCredentialReader(optionsOf({ auth: { sharedKey: secret, usersFile: pathOf('users') } }))()
  t.same([...read?.secrets?.users ?? ['everybody']], [])
})

t.test('something new is made only of files that have changed, wherever a link leads', async t => {
  const { pathOf, write } = filesOf(t, { cert: own.cert, key: own.key })
  const read = createCredentialReader(optionsOf({ tls: { cert: pathOf('link'), key: pathOf('key') } }))
  symlinkSync(pathOf('cert'), pathOf('link'))
  t.ok((await read())?.certificate)
  t.equal(await read(), undefined)
  const renewed = issue('renewed')
  write('cert2', renewed.cert)
  unlinkSync(pathOf('link'))
  symlinkSync(pathOf('cert2'), pathOf('link'))
  await t.rejects(read(), /tcpTls.key: cannot be used with tcpTls.cert: .*key values mismatch/i)
  t.equal(await read(), undefined, 'what cannot be used is told once')
  write('key', renewed.key)
  t.match((await read())?.certificate, { subject: 'CN=renewed' })
})

t.test('trouble names the setting and the file, and shows nothing of what a file holds', async t => {
  const { pathOf } = filesOf(t, {
    cert: own.cert,
    key: own.key,
    empty: '',
    text: secret,
    users: `shop=x\n${secret}\n`,
    twice: `a=${secret}\na=${secret}2\n`,
    broken: own.cert.replace(/MII./, 'AAAA'),
    large: 'x'.repeat(1024 * 1024 + 1),
  })
  mkdirSync(pathOf('directory'))
  const tls = { cert: pathOf('cert'), key: pathOf('key') }
  const auth = { sharedKey: secret }
  const troubles: readonly (readonly [Given, RegExp])[] = [
    [{ tls: { ...tls, cert: pathOf('nothing') } }, /^tcpTls.cert: cannot read ".*nothing": ENOENT/],
    [{ tls: { ...tls, cert: pathOf('directory') } }, /^tcpTls.cert: cannot read ".*": not a file/],
    [{ tls: { ...tls, cert: pathOf('large') } }, /^tcpTls.cert: cannot read ".*": larger than 1048576 bytes/],
    [{ tls: { ...tls, cert: pathOf('text') } }, /^tcpTls.cert: holds no certificate/],
    [{ tls: { ...tls, cert: pathOf('broken') } }, /^tcpTls.cert: certificate 1 cannot be read/],
    [{ tls: { ...tls, key: pathOf('text') } }, /^tcpTls.key: cannot be used with tcpTls.cert/],
    [{ tls: { ...tls, clientCa: pathOf('empty') } }, /^tcpTls.clientCa: holds no certificate/],
    [{ auth: { sharedKeyFile: pathOf('empty') } }, /^tcpAuth.sharedKeyFile: is empty/],
    [{ auth: { ...auth, usersFile: pathOf('users') } }, /^tcpAuth.usersFile: line 2 is not name=password/],
    [{ auth: { ...auth, usersFile: pathOf('twice') } }, /^tcpAuth.usersFile: line 2 has the name of an earlier one/],
  ]
  for (const [given, words] of troubles) {
    const trouble = await troubleOf(given)
    t.match(trouble, words)
    t.notMatch(trouble, secret)
  }
})
