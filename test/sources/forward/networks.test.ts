import t from 'tap'
import { amongNetworks } from '../../../src/sources/forward/networks.ts'

t.test('addresses of a network are in it, others are not', async t => {
  const isAmong = amongNetworks(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1'])
  for (const address of ['10.0.0.0', '10.255.255.255', '192.168.1.7', 'fd12::1', '::1']) t.ok(isAmong(address), address)
  for (const address of ['11.0.0.0', '192.168.1.8', '127.0.0.1', 'fe80::1', '::', undefined]) t.notOk(isAmong(address), String(address))
})

t.test('an IPv4 address is one in the words of IPv6 too, as a socket for both writes it', async t => {
  const isAmong = amongNetworks(['10.0.0.0/8'])
  t.ok(isAmong('::ffff:10.1.2.3'))
  t.notOk(isAmong('::ffff:11.1.2.3'))
})

t.test('a network of IPv4 in the words of IPv6 means the same addresses', async t => {
  const isAmong = amongNetworks(['::ffff:10.0.0.0/104'])
  t.ok(isAmong('::ffff:10.1.2.3'))
  t.ok(isAmong('10.1.2.3'))
  t.notOk(isAmong('11.1.2.3'))
})

t.test('an interface behind an address does not count', async t => {
  t.ok(amongNetworks(['fe80::/10'])('fe80::1%eth0'))
})

t.test('everyone of one family is not everyone', async t => {
  const isAmong = amongNetworks(['0.0.0.0/0'])
  t.ok(isAmong('8.8.8.8'))
  t.notOk(isAmong('2001:db8::1'))
})
