import t from 'tap'
import { formatAddress, meantAddress, parseAddress } from '../../src/config/address.ts'

t.test('an address is a host and a port, and is written as it is read', async t => {
  for (const [text, host, port] of [['127.0.0.1:24224', '127.0.0.1', 24224], ['localhost:0', 'localhost', 0], ['[::1]:65535', '::1', 65535]] as const) {
    t.same(parseAddress(text), { host, port }, text)
    t.equal(formatAddress({ host, port }), text)
  }
})

t.test('anything else is none', async t => {
  for (const text of ['', 'localhost', ':2020', '2020', 'localhost:65536', '::1:2020', '[localhost]:1', 'a b:1', 'localhost:1 ']) {
    t.equal(parseAddress(text), undefined, text)
  }
})

t.test('a port alone or a URL says which address is meant', async t => {
  t.equal(meantAddress('2020', '0.0.0.0:1'), '0.0.0.0:2020')
  t.equal(meantAddress(':2020', '[::]:1'), '[::]:2020')
  t.equal(meantAddress('*:2020', 'nonsense'), '127.0.0.1:2020')
  t.equal(meantAddress('tcp://localhost:24224/', ''), 'localhost:24224')
  t.equal(meantAddress('99999', '127.0.0.1:1'), undefined, 'nothing is meant that is none')
  t.equal(meantAddress('nonsense', '127.0.0.1:1'), undefined)
})
