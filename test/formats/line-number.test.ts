import t from 'tap'
import { numberAt, statusAt } from '../../src/formats/line-number.ts'

const of = (read: typeof numberAt, text: string) => read(Buffer.from(`9${text}9`), 1, text.length + 1)

t.test('a status is three digits from 100 to 599', async t => {
  t.same(['100', '200', '599'].map(text => of(statusAt, text)), [100, 200, 599])
  for (const text of ['', '-', '0', '099', '600', '2000', '20x', 'null', '2.0']) t.equal(of(statusAt, text), 0, text)
  t.equal(statusAt(Buffer.from('200'), -1, -1), 0, 'none')
})

t.test('a number is digits, with or without a fraction, and nothing else', async t => {
  t.same(['0', '7', '1234567', '0.125', '12.5'].map(text => of(numberAt, text)), [0, 7, 1_234_567, 0.125, 12.5])
  for (const text of ['', '-', '-1', '1e3', '1.', '.5', '1.2.3', 'null', '1'.repeat(30)]) t.equal(of(numberAt, text), -1, text)
  t.equal(numberAt(Buffer.from('1'), -1, -1), -1, 'none')
})
