import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { openTcpWords } from '../../src/pipeline/open-tcp.ts'

const refuseToRead = () => { throw Object.assign(new Error(), { code: 'ENOENT' }) }
const wordsOf = (env: Readonly<Record<string, string>>) =>
  openTcpWords(loadConfig({ env, readFile: refuseToRead }).config)
const everywhere = { SLUICE_TCP: '0.0.0.0:24224' }

t.test('a listener that other machines reach, and that keeps nobody out, is told with what to do', async t => {
  for (const tcp of ['0.0.0.0:24224', '[::]:24224', '10.0.0.7:0', 'web-1:24224']) {
    t.match(wordsOf({ SLUICE_TCP: tcp }), /anybody who can reach it: set tcpAllow, tcpTls.clientCa or tcpAuth.sharedKey/, tcp)
  }
  t.ok(wordsOf({ ...everywhere, SLUICE_TCP_ALLOW: '10.0.0.0/8,0.0.0.0/0' }), 'everybody is allowed')
  t.ok(wordsOf({ ...everywhere, SLUICE_TCP_TLS_CERT: 'a', SLUICE_TCP_TLS_KEY: 'b' }), 'TLS alone asks nobody who it is')
})

t.test('as FireLens has it, there is nothing to tell', async t => {
  t.equal(wordsOf({}), undefined)
  for (const tcp of ['127.0.0.1:0', '127.1.2.3:1', '[::1]:1', 'localhost:24224', 'off']) t.equal(wordsOf({ SLUICE_TCP: tcp }), undefined, tcp)
})

t.test('each way to keep others out is enough', async t => {
  const ways = [
    { SLUICE_TCP_ALLOW: '10.0.0.0/8' },
    { SLUICE_TCP_TLS_CERT: 'a', SLUICE_TCP_TLS_KEY: 'b', SLUICE_TCP_TLS_CLIENT_CA: 'c' },
    { SLUICE_TCP_AUTH_SHARED_KEY: 'k' },
    { SLUICE_TCP_AUTH_SHARED_KEY_FILE: 'k' },
  ]
  for (const way of ways) t.equal(wordsOf({ ...everywhere, ...way }), undefined, JSON.stringify(way))
})
