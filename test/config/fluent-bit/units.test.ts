import t from 'tap'
import { bytesOf, msOf } from '../../../src/config/fluent-bit/units.ts'

t.test('a size counts by thousands, as Fluent Bit does', async t => {
  for (const [text, bytes] of [['10M', 1e7], ['1m', 1e6], ['250MB', 25e7], ['1.5G', 15e8], ['500k', 5e5], ['4096', 4096], ['off', undefined], ['', undefined], ['10 apples', undefined]] as const) {
    t.equal(bytesOf(text), bytes, text)
  }
})

t.test('a time without a unit is in seconds', async t => {
  for (const [text, ms] of [['60', 60_000], ['10m', 600_000], ['0.5', 500], ['1d', 864e5], ['2H', 72e5], ['soon', undefined]] as const) {
    t.equal(msOf(text), ms, text)
  }
})
