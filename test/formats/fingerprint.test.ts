import t from 'tap'
import { fingerprintOf, withoutChanging } from '../../src/formats/fingerprint.ts'

t.test('numbers, times, addresses, ids and hashes do not tell errors apart', async t => {
  const pairs = [
    ['took 12 ms', 'took 3,456.5 ms'],
    ['at 2026-11-23 10:00:00', 'at 2027-01-02 23:59:59'],
    ['client 10.0.0.1:443', 'client 192.168.12.7:80'],
    ['client 2001:db8::1', 'client fe80::1:2:3'],
    ['object 0x7f3a', 'object 0x1b'],
    ['request 123e4567-e89b-12d3-a456-426614174000', 'request 00000000-0000-4000-8000-000000000000'],
    ['commit deadbeef01', 'commit 0123456789abcdef'],
    ['session a1b2c3d4e5f6g7h8i9', 'session zz99zz99zz99zz99zz99'],
    ['a  b\n\tc', 'a b c'],
  ] as const
  for (const [one, other] of pairs) t.equal(withoutChanging(one), withoutChanging(other), one)
})

t.test('words do', async t => {
  t.not(withoutChanging('cannot read'), withoutChanging('cannot write'))
  t.equal(withoutChanging('facade of deed'), 'facade of deed', 'words of hex letters are words')
})

t.test('a fingerprint is twelve hex digits, of words as they are and of texts without what changes', async t => {
  const one = fingerprintOf(['PDOException', '/app/a.php'], ['timeout after 5 s'])
  t.match(one, /^[0-9a-f]{12}$/)
  t.equal(one, fingerprintOf(['PDOException', '/app/a.php'], ['timeout after 60 s']))
  t.not(one, fingerprintOf(['PDOException', '/app/b.php'], ['timeout after 5 s']))
  t.not(fingerprintOf(['line 5'], []), fingerprintOf(['line 6'], []))
})
