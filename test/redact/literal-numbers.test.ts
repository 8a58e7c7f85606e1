import t from 'tap'
import { cardNumbers, masked } from '../support/cards.ts'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'

t.test('a percent sign before a number may be one of SQL, which encodes nothing', async t => {
  for (const number of cardNumbers) {
    t.equal(redacted(`WHERE pan LIKE '%${number}%'`), `WHERE pan LIKE '%${masked(number)}%'`)
    t.equal(redacted(`{"sql":"pan LIKE '%${number}'"}`), `{"sql":"pan LIKE '%${masked(number)}'"}`)
    t.equal(redacted(`?q=%25${number}%25`), `?q=%25${masked(number)}%25`)
    t.equal(redacted(`?q=%2525${number}`), `?q=%2525${masked(number)}`)
  }
  t.equal(redacted("'%5555 5555 5555 4444%'"), "'%5555 55** **** 4444%'")
})

t.test('a percent sign that encodes something still does', async t => {
  for (const before of ['%20', '%22', '%2520', '%3D', '%28']) {
    t.equal(redacted(`?q=${before}4111111111111111`), `?q=${before}411111******1111`)
  }
  for (const line of ['?q=%4111111111111112', '?q=%41111111111111111111', '?q=%5b11111111111111', '?q=%41', '%', '%4', '?q=%25']) {
    t.equal(redacted(line), line)
  }
})

t.test('what an encoded sign makes with the digits behind it hides no less of the number', async t => {
  let others = 0
  for (let index = 0; index < 10_000 && others < 20; index++) {
    const digits = `4111${String(index * 7919).padStart(11, '0')}`
    const number = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(last => `${digits}${last}`).find(each => redacted(each) !== each) ?? ''
    const other = `2520${number.slice(0, 12)}`
    if (redacted(other) === other) continue
    others++
    const [grouped, shown] = [number, masked(number)].map(each => each.replace(/(.{4})(?=.)/g, '$1-'))
    t.equal(redacted(`?q=card%2520${grouped}&x`), `?q=card%2520${shown}&x`)
  }
  t.equal(others, 20)
})

t.test('percent signs take time in proportion to the line', async t => {
  testHostile(t, ['%', '%4', '%41', '%4111111111111111', '%4111111111111111%', '%25', '%2525252525252525', '%44 4 4 4 4 4 4 4 4 4 4 4'])
})
