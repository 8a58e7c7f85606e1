import t from 'tap'
import { bytes, countOf, duration } from '../../src/telemetry/words.ts'

t.test('a length of time has at most two units and never shows a zero one', async t => {
  const cases: [number, string][] = [
    [-5, '0.0 s'], [0, '0.0 s'], [300, '0.3 s'], [1_000, '1 s'], [59_999, '59 s'], [60_000, '1 min'], [125_000, '2 min 5 s'],
    [3_600_000, '1 h'], [3_605_000, '1 h'], [3_660_000, '1 h 1 min'], [100_800_000, '1 d 4 h'], [864_000_000, '10 d'],
  ]
  for (const [ms, words] of cases) t.equal(duration(ms), words, `${ms} ms`)
})

t.test('counts have separators and a plural', async t => {
  t.equal(countOf(0, 'record'), '0 records')
  t.equal(countOf(1, 'record'), '1 record')
  t.equal(countOf(1_234_567, 'record'), '1,234,567 records')
})

t.test('bytes are told in the unit that leaves a short number', async t => {
  const cases: [number, string][] = [
    [0, '0 bytes'], [1_023, '1023 bytes'], [1_024, '1.0 KiB'], [1_536, '1.5 KiB'], [64 * 2 ** 20, '64 MiB'],
    [3 * 2 ** 30, '3.0 GiB'], [5_000 * 2 ** 40, '5000 TiB'],
  ]
  for (const [count, words] of cases) t.equal(bytes(count), words)
})
