import fc from 'fast-check'
import t from 'tap'
import {
  formatDuration, formatSize, meantDuration, meantSize, parseDuration, parseSize,
} from '../../src/config/units.ts'

t.test('a size is a number of bytes with or without a unit', async t => {
  const sizes: Record<string, number | undefined> = {
    0: 0,
    '0B': 0,
    4096: 4096,
    '12B': 12,
    '500kB': 500_000,
    '2MB': 2_000_000,
    '1KiB': 1024,
    '64MiB': 67_108_864,
    '64 MiB': 67_108_864,
    '1.5GiB': 1_610_612_736,
    '0.1KiB': 102,
    '1TiB': 2 ** 40,
    '': undefined,
    '-1': undefined,
    1.5: undefined,
    '64M': undefined,
    '64mib': undefined,
    '64KB': undefined,
    '1kiB': undefined,
    '1GiB1MiB': undefined,
    '٣MiB': undefined,
    NaN: undefined,
  }
  for (const [text, bytes] of Object.entries(sizes)) t.equal(parseSize(text), bytes, JSON.stringify(text))
})

t.test('a duration is one or more amounts with units, in whole milliseconds', async t => {
  const durations: Record<string, number | undefined> = {
    0: 0,
    '0s': 0,
    '250ms': 250,
    '60s': 60_000,
    '5m': 300_000,
    '1h30m': 5_400_000,
    '1d': 86_400_000,
    '1.5s': 1500,
    '0.1s0.2s': 300,
    '1.1s': 1100,
    '': undefined,
    60: undefined,
    '-1s': undefined,
    '1 s': undefined,
    '0.5ms': undefined,
    '1S': undefined,
    '1s2': undefined,
    '1w': undefined,
  }
  for (const [text, ms] of Object.entries(durations)) t.equal(parseDuration(text), ms, JSON.stringify(text))
})

t.test('what is formatted reads back as the same number', async t => {
  fc.assert(fc.property(fc.nat(), fc.constantFrom(1, 1000, 1024, 2 ** 20), (count, unit) =>
    parseSize(formatSize(count * unit)) === count * unit && parseDuration(formatDuration(count)) === count))
  t.equal(formatSize(64 * 2 ** 20), '64MiB')
  t.equal(formatSize(500_000), '500kB')
  t.equal(formatSize(0), '0B')
  t.equal(formatDuration(90_000), '1m30s')
  t.equal(formatDuration(0), '0s')
})

t.test('common habits of writing are understood well enough to suggest', async t => {
  t.equal(meantSize('64M'), '64MiB')
  t.equal(meantSize('10 mb'), '10MiB')
  t.equal(meantSize('1.5g'), '1.5GiB')
  t.equal(meantSize('lots'), undefined)
  t.equal(meantDuration('60'), '60s')
  t.equal(meantDuration('60 sec'), '60s')
  t.equal(meantDuration('5 minutes'), '5m')
  t.equal(meantDuration('20 millis'), '20ms')
  t.equal(meantDuration('1 week'), undefined)
  t.equal(meantDuration('soon'), undefined)
})
