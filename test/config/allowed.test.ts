import t from 'tap'
import { allowedOf, itemWords } from '../../src/config/allowed.ts'
import { mapsOf, rowsOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'

const described = { doc: '', example: '' }

t.test('what a setting takes is said with its bounds, and with what AWS may have added', async t => {
  const days = { ...described, type: 'integer', default: 1, min: 0, max: 9, values: [1, 3] } as const
  t.equal(allowedOf(days), '1, 3')
  t.equal(allowedOf({ ...days, others: true }), '1, 3, or a whole number from 0 to 9 that AWS takes too')
  const choice = { ...described, type: 'choice', default: 'A', choices: ['A', 'B'] } as const
  t.equal(allowedOf(choice), '`A`, `B`')
  t.equal(allowedOf({ ...choice, others: /./ }), '`A`, `B`, or a newer one of AWS')
  const list = { ...described, type: 'list', default: [], maxItems: 2, unique: 'key' } as const
  t.equal(allowedOf(list), 'a list of texts, at most 2, no key twice')
  t.equal(itemWords({ ...list, choices: ['a', 'b'] }), '`a`, `b`')
  t.equal(allowedOf({ ...described, type: 'size', default: 'off', min: '1B', max: '2B', canBeOff: true }), 'a size from 1B to 2B or `off`')
})

t.test('every setting says what it takes', async t => {
  for (const { path, setting } of [...rowsOf(settings), ...mapsOf(settings).flatMap(({ map }) => rowsOf(map.each))]) {
    t.match(allowedOf(setting), /\w/, path)
  }
})
