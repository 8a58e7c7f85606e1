import t from 'tap'
import fc from 'fast-check'
import {
  boundedName, decodeComponent, encodeComponent, formatHour, formatOpenName, formatSealedId, parseFileName,
} from '../../src/spool/segment-name.ts'

const boot = '0123456789abcdef0123456789abcdef'
const open = { hour: '2026112319', boot, n: 17, isLate: false }
const sealed = { ...open, records: 1200, crc32: 0x00E0F3B1 }

t.test('names are what the format says, to the letter', async t => {
  t.equal(formatHour(Date.UTC(2026, 10, 23, 19, 59, 59, 999)), '2026112319')
  t.equal(formatOpenName(open), '2026112319-0123456789abcdef0123456789abcdef-17')
  t.equal(formatOpenName({ ...open, isLate: true }), '2026112319-0123456789abcdef0123456789abcdef-17late')
  t.equal(formatSealedId(sealed), '2026112319-0123456789abcdef0123456789abcdef-17-1200-00e0f3b1')
  t.equal(formatSealedId({ ...sealed, isLate: true }), '2026112319-0123456789abcdef0123456789abcdef-17late-1200-00e0f3b1')
})

t.test('every name that is made is understood again', async t => {
  for (const isLate of [false, true]) {
    const id = formatSealedId({ ...sealed, isLate })
    t.same(parseFileName(`${formatOpenName({ ...open, isLate })}.open`), { kind: 'open', name: { ...open, isLate } })
    t.same(parseFileName(`${id}.ndjson`), { kind: 'sealed', id, name: { ...sealed, isLate } })
    t.same(parseFileName(`${id}.cursor`), { kind: 'cursor', id, name: { ...sealed, isLate } })
    t.same(parseFileName(`${id}.cursor.new`), { kind: 'leftover', id, name: { ...sealed, isLate } })
  }
})

t.test('anything else is unknown', async t => {
  const id = formatSealedId(sealed)
  for (const file of ['', 'lock', `${id}`, `${id}.ndjson.gz`, `x${id}.ndjson`, `${id}.NDJSON`, `${id.slice(1)}.ndjson`,
    `${formatOpenName(open)}.ndjson`, `${id}.open`]) {
    t.equal(parseFileName(file).kind, 'unknown', file)
  }
})

t.test('components are what the format says, to the letter', async t => {
  t.equal(encodeComponent(''), '_')
  t.equal(encodeComponent('_'), '%5F')
  t.equal(encodeComponent('ecs-web-12_a.b'), 'ecs-web-12_a.b')
  t.equal(encodeComponent('..'), '%2E.')
  t.equal(encodeComponent('../../etc/passwd'), '%2E.%2F..%2Fetc%2Fpasswd')
  t.equal(encodeComponent('ü%'), '%C3%BC%25')
})

t.test('any name is one safe path component, and comes back from it', async t => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 400 })), name => {
    const component = encodeComponent(name)
    return /^(?!\.)[A-Za-z0-9._%-]{1,240}$/.test(component) && decodeComponent(component) === boundedName(name) &&
      boundedName(boundedName(name)) === boundedName(name)
  }))
})

t.test('long names that differ stay different', async t => {
  const long = 'é'.repeat(200)
  t.not(boundedName(`${long}1`), boundedName(`${long}2`))
  t.ok(boundedName(long).startsWith('é'.repeat(30)), 'no character is cut in two')
  t.equal(boundedName('y'.repeat(240)), 'y'.repeat(240))
})

t.test('a directory that encodes nothing is not one of ours', async t => {
  for (const component of ['.', '..', '.hidden', 'a b', '%2f', '%41', '%', 'ü', 'lost+found']) {
    t.equal(decodeComponent(component), undefined, component)
  }
})
