import fc from 'fast-check'
import t from 'tap'
import { Histogram } from '../../src/telemetry/histogram.ts'

t.test('a value on a bound belongs to that bound', async t => {
  const histogram = new Histogram([1, 2])
  for (const value of [0, 1, 1.5, 2, 2.5]) histogram.observe(value)
  t.same(histogram.cumulated(), [2, 4, 5])
  t.equal(histogram.sum, 7)
})

t.test('each count is the number of values not above its bound', async () => {
  const bounds = [0.1, 0.5, 1, 10]
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), values => {
    const histogram = new Histogram(bounds)
    for (const value of values) histogram.observe(value)
    const expected = [...bounds, Infinity].map(bound => values.filter(value => value <= bound).length)
    return JSON.stringify(histogram.cumulated()) === JSON.stringify(expected)
  }))
})
