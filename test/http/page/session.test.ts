import t from 'tap'
import { createSession } from '../../../src/http/page/session.ts'

const token = 'a-token-of-this-test'
const dayMs = 24 * 3_600_000
const valueOf = (cookie: string | undefined) => cookie?.split(';')[0] ?? ''

t.test('without a token everybody is known', async t => {
  t.equal(createSession('off', () => 0).isKnown({}), true)
})

t.test('a program is known by the token, and by no other', async t => {
  const session = createSession(token, () => 0)
  const isKnown = (authorization: string) => session.isKnown({ authorization })
  t.equal(isKnown(`Bearer ${token}`), true)
  for (const other of ['', token, 'Bearer', 'Bearer ', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`]) t.equal(isKnown(other), false, other)
})

t.test('a browser is known by its cookie for seven days, which no script reads and no other site sends', async t => {
  let nowMs = 1_000
  const session = createSession(token, () => nowMs)
  t.equal(session.cookieFor('another'), undefined)
  const cookie = session.cookieFor(token) ?? ''
  t.match(cookie, /; HttpOnly; SameSite=Strict$/)
  t.notOk(cookie.includes(token))
  t.equal(session.isKnown({ cookie: `a=b; ${valueOf(cookie)}; c=d` }), true)
  nowMs += 7 * dayMs - 1
  t.equal(session.isKnown({ cookie: valueOf(cookie) }), true)
  nowMs += 1
  t.equal(session.isKnown({ cookie: valueOf(cookie) }), false)
})

t.test('a cookie that was changed, or made with another token, is worth nothing', async t => {
  const session = createSession(token, () => 1_000)
  const cookie = valueOf(session.cookieFor(token))
  t.equal(session.isKnown({ cookie: cookie.replace('=', '=9') }), false, 'with a later end')
  t.equal(session.isKnown({ cookie: cookie.slice(0, -1) }), false)
  t.equal(session.isKnown({ cookie: 'sluice=' }), false)
  t.equal(createSession(`${token}2`, () => 1_000).isKnown({ cookie }), false)
})
