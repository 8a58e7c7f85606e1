import t from 'tap'
import { isTrustedHost } from '../../src/http/trusted-host.ts'

t.test('addresses, localhost, listed names and no name at all are trusted, with any port and case', async t => {
  const names = ['shop.internal', 'Sluice']
  const hosts = [undefined, '', '10.0.1.7', '[::1]:2020', 'LOCALHOST:2020', 'shop.internal.:80', 'sluice:', 'Shop.Internal']
  for (const host of hosts) t.equal(isTrustedHost(host, names), true, String(host))
})

t.test('no other name is, however much it looks like one', async t => {
  const hosts = [
    'evil.example', 'localhost.evil', '127.0.0.1.evil', '127.1', '[evil]', '[127.0.0.1]', '::1', 'a@localhost', 'localhost/',
    'localhost:evil', 'localhost localhost', ':2020', '.',
  ]
  for (const host of hosts) t.equal(isTrustedHost(host, ['shop.internal']), false, host)
})
