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

t.test('percent signs take time in proportion to the line', async t => {
  testHostile(t, ['%', '%4', '%41', '%4111111111111111', '%4111111111111111%', '%25', '%2525252525252525', '%44 4 4 4 4 4 4 4 4 4 4 4'])
})
