import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { issue, type Issued } from '../support/certificates.ts'
import { startScenario } from '../support/scenario.ts'
import { uniqueLines } from '../support/unique-lines.ts'

t.setTimeout(300_000)

const hourMs = 3_600_000
const authority = issue('an authority of our own', { isAuthority: true })
const good = issue('localhost', { issuer: authority })

/** TLS in front of the stand-in; the certificate can be changed while it listens. */
async function startTls (t: Test, port: number, certificate: Issued) {
  const open = new Set<Socket>()
  const server = createServer({ cert: certificate.cert, key: certificate.key }, client => {
    const aws = connect(port, '127.0.0.1')
    for (const socket of [client, aws]) open.add(socket)
    client.on('error', () => undefined).on('close', () => aws.destroy()).pipe(aws)
    aws.on('error', () => undefined).on('close', () => client.destroy()).pipe(client)
  })
  server.on('tlsClientError', () => undefined)
  await once(server.listen(0, '0.0.0.0'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    use: ({ cert, key }: Issued) => server.setSecureContext({ cert, key }),
  }
}

const troubles: ReadonlyArray<readonly [words: string, found: RegExp, certificate: Issued]> = [
  ['of an unknown authority', /UNABLE_TO_VERIFY_LEAF_SIGNATURE.*NODE_EXTRA_CA_CERTS/, issue('localhost', { issuer: issue('a stranger', { isAuthority: true }) })],
  ['that has expired', /CERT_HAS_EXPIRED.*check the clock/, issue('localhost', { issuer: authority, untilMs: Date.now() - hourMs })],
]

for (const [words, found, certificate] of troubles) {
  t.test(`an endpoint with a certificate ${words} is told, gets nothing, and gets all of it with a good one`, async t => {
    const scenario = await startScenario(t)
    const { aws, directory } = scenario
    const tls = await startTls(t, Number(new URL(aws.endpoint).port), certificate)
    const path = join(directory, 'authority.pem')
    writeFileSync(path, authority.cert)
    const sluice = await scenario.start({ AWS_ENDPOINT_URL: `https://localhost:${tls.port}`, NODE_EXTRA_CA_CERTS: path })
    await scenario.send(sluice, uniqueLines('secret', 5))
    for (const route of ['access', 'app', 'error']) {
      await sluice.printed(new RegExp(`"route":"${route}".*${found.source}.*"reason":"tls"`))
    }
    t.equal(aws.state.requestCount(), 0)
    tls.use(good)
    // A stop ends the pauses.
    t.match(await scenario.stop(sluice), { delivered: 15, pending: 0 })
    scenario.balance(t)
  })
}
