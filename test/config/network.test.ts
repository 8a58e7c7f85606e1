import t from 'tap'
import { amongNetworks, isEveryone, parseNetwork } from '../../src/config/network.ts'

t.test('a network is an address and how many bits of it count; an address alone is itself', async t => {
  t.same(parseNetwork('10.0.0.0/8'), { family: 'ipv4', address: '10.0.0.0', prefixBits: 8 })
  t.same(parseNetwork('10.1.2.3'), { family: 'ipv4', address: '10.1.2.3', prefixBits: 32 })
  t.same(parseNetwork('fd00::/8'), { family: 'ipv6', address: 'fd00::', prefixBits: 8 })
  t.same(parseNetwork('::1'), { family: 'ipv6', address: '::1', prefixBits: 128 })
  t.same(parseNetwork('::ffff:10.0.0.0/104'), { family: 'ipv6', address: '::ffff:10.0.0.0', prefixBits: 104 })
})

t.test('nothing else is one', async t => {
  for (const text of ['', 'localhost', '10.0.0/8', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.256', 'fe80::1%eth0', '10.0.0.0/8 ', '/8']) {
    t.equal(parseNetwork(text), undefined, text)
  }
})

t.test('a list that everyone is in keeps nobody out', async t => {
  t.ok(isEveryone(['10.0.0.0/8', '0.0.0.0/0']))
  t.ok(isEveryone(['::/0']))
  t.notOk(isEveryone(['10.0.0.0/8', 'fd00::/8']))
  t.notOk(isEveryone([]))
})

const among = (networks: readonly string[]) => amongNetworks(networks.flatMap(text => parseNetwork(text) ?? []))

t.test('addresses of a network are in it, others are not', async t => {
  const isAmong = among(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1'])
  for (const address of ['10.0.0.0', '10.255.255.255', '192.168.1.7', 'fd12::1', '::1']) t.ok(isAmong(address), address)
  for (const address of ['11.0.0.0', '192.168.1.8', '127.0.0.1', 'fe80::1', '::', undefined]) t.notOk(isAmong(address), String(address))
})

t.test('an IPv4 address is one in the words of IPv6 too, as a socket for both writes it', async t => {
  const isAmong = among(['10.0.0.0/8'])
  t.ok(isAmong('::ffff:10.1.2.3'))
  t.notOk(isAmong('::ffff:11.1.2.3'))
})

t.test('a network of IPv4 in the words of IPv6 means the same addresses', async t => {
  const isAmong = among(['::ffff:10.0.0.0/104'])
  t.ok(isAmong('::ffff:10.1.2.3'))
  t.ok(isAmong('10.1.2.3'))
  t.notOk(isAmong('11.1.2.3'))
})

t.test('an interface behind an address does not count', async t => {
  t.ok(among(['fe80::/10'])('fe80::1%eth0'))
})

t.test('everyone of one family is not everyone', async t => {
  const isAmong = among(['0.0.0.0/0'])
  t.ok(isAmong('8.8.8.8'))
  t.notOk(isAmong('2001:db8::1'))
})
