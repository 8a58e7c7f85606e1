import t from 'tap'
import { isEveryone, parseNetwork } from '../../src/config/network.ts'

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
