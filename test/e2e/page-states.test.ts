import t, { type Test } from 'tap'
import type { PageStatus } from '../../src/http/page/status.ts'
import { look, sent, setUp, skip, textOf, violations } from './page-world.ts'

t.setTimeout(1_800_000)

type Health = { -readonly [Name in keyof PageStatus['health']]: PageStatus['health'][Name] }
type Status = Omit<PageStatus, 'health' | 'sentence'> & { sentence: string, health: Health }

/** A page whose numbers are changed on their way to the browser, as `change` says at that moment. */
async function changed (t: Test, url: string) {
  const found = await look(t, 'about:blank')
  const answers = { change: (_status: Status) => {} }
  await found.page.route('**/page/status', async route => {
    const answer = await route.fetch()
    const status = await answer.json() as Status
    answers.change(status)
    await route.fulfill({ json: status })
  })
  await found.page.goto(url)
  return { ...found, answers }
}

t.test('what is lost is said at the top, in red, and in its route', { skip }, async t => {
  const { url, send } = await setUp(t)
  await send(sent('hello'))
  const { page, answers, complaints } = await changed(t, url)
  const reason = '12 records dropped since 03:12: the disk is full'
  answers.change = ({ health }) => {
    Object.assign(health, { condition: 'degraded', reasons: [reason] })
    Object.assign(health.ledger.dropped, { total: 12, by: { 'error/quota': 12 } })
  }
  await page.locator('#sentence.loses').waitFor()
  t.equal(await page.evaluate('getComputedStyle(document.querySelector("#sentence")).borderLeftColor'), 'rgb(179, 21, 27)', 'red')
  await page.locator('#reasons', { hasText: reason }).waitFor()
  await page.locator('[data-key="route error"].loses .trouble.bad', { hasText: '12 lost.' }).waitFor()
  await page.locator('#ledger .row.bad', { hasText: 'dropped' }).waitFor()
  t.match(await textOf(page, '#ledger .equals'), '≠')
  t.match(await textOf(page, '#ledger'), /unequal: a bug/)
  t.same(await violations(page), [])
  t.same(complaints, [])
})

t.test('a route that waits says for how long there is room, and a screen reader hears sentences, not numbers', { skip }, async t => {
  const { url, send } = await setUp(t)
  await send(sent('hello'))
  const { page, answers } = await changed(t, url)
  let records = 1_000
  answers.change = status => {
    records += 100
    status.sentence = `Errors wait: ${records} records.`
    const { access } = status.health.routes
    Object.assign(access ?? {}, { state: 'paused', pendingRecords: records, pendingBytes: records * 100, oldestPendingSeconds: 90 })
    Object.assign(status.health.ledger.pending, { total: records, by: { access: records } })
  }
  await page.locator('[data-key="route access"] .waiting', {
    hasText: /[\d,]+ waiting \(\d+ KiB\), the oldest for 1 min; room for \d+ (?:h|d) /,
  }).waitFor()
  const heard = await textOf(page, '#spoken')
  t.match(heard, /^Errors wait: \d+ records\.$/)
  await page.locator('#sentence', { hasText: /^Errors wait: (?:1[3-9]|[2-9]\d)\d\d records\.$/ }).waitFor()
  t.equal(await textOf(page, '#spoken'), heard, 'its numbers have grown, and nothing is said')
  answers.change = status => { status.sentence = 'All is well again.' }
  await page.locator('#spoken', { hasText: 'All is well again.' }).waitFor({ state: 'attached' })
})

t.test('what is changed on the way is named, by its kind', { skip }, async t => {
  const { url, send } = await setUp(t, { env: { SLUICE_FILTER_EXCLUDE: 'left out' } })
  const { page } = await look(t, url)
  await send(
    sent('{"status":200,"path":"/\\x9d"}'), sent('authorization: Bearer abcdefghij0123456789'), sent('left out', 'stderr'),
    sent('{"status":200,"path":"/', 'stdout')
  )
  for (const words of [/repaired: hex_escape *1/, /redacted: secret of web *1/, /left out by exclude/, /not to be repaired: /]) {
    await page.locator('.branch', { hasText: words }).first().waitFor()
  }
})

t.test('the tail is searched by text, waits while it is paused, and lists its keys', { skip }, async t => {
  const { url, send } = await setUp(t)
  const { page, complaints } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  await send(sent('one apple'), sent('two pears'))
  await page.locator('.line', { hasText: 'pears' }).waitFor()
  await page.keyboard.press(' ')
  await page.locator('#pause[aria-pressed=true]', { hasText: 'Go on' }).waitFor()
  await send(sent('three apples'))
  await page.locator('#tail-state', { hasText: 'paused, 1 new' }).waitFor()
  t.equal(await page.locator('.line', { hasText: 'three' }).count(), 0)
  await page.keyboard.press(' ')
  await page.locator('.line', { hasText: 'three apples' }).waitFor()
  await page.locator('#filter').fill('APPLE -one')
  await page.locator('.line', { hasText: 'pears' }).waitFor({ state: 'detached' })
  t.same(await page.locator('.line').count(), 1)
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.locator('#help[open]').waitFor()
  t.same(await violations(page), [])
  await page.keyboard.press('Escape')
  await page.locator('#help').waitFor({ state: 'hidden' })
  t.same(complaints, [])
})

t.test('a line of a mebibyte is shown in parts, each cut, and the page stays quick', { skip }, async t => {
  const { url, send } = await setUp(t)
  const { page, complaints } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  await send(sent(`large ${'\u202e<b>'.repeat(175_000)}`), sent('the last'))
  await page.locator('.line', { hasText: 'the last' }).waitFor()
  const lines = page.locator('.line', { hasText: '\\u{202e}<b>' })
  t.ok(await lines.count() > 1, 'parts')
  t.ok((await lines.first().textContent() ?? '').length < 60_000)
  t.equal(await page.locator('.lines b b').count(), 0)
  t.same(complaints, [])
})

t.test('a container with the longest name makes the page no wider than its screen', { skip }, async t => {
  const { url, send } = await setUp(t)
  const container = `/${'x'.repeat(255)}`
  const { page, complaints } = await look(t, url)
  await send(sent('card 4111111111111111 of a php: Out of memory (allocated 1)', 'stderr', container), sent('{"status":200,"path":"/"}', 'stdout', container))
  await page.locator('.branch', { hasText: 'card_number' }).waitFor()
  for (const width of [320, 720, 800, 1280]) {
    await page.setViewportSize({ width, height: 900 })
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
  }
  t.same(complaints, [])
})

t.test('a tail that was refused, because eight read it, is told and opened when there is room', { skip }, async t => {
  const { url, send } = await setUp(t)
  const readers = await Promise.all(Array.from({ length: 8 }, async () => {
    const reader = new AbortController()
    await fetch(`${url}/page/tail`, { signal: reader.signal })
    return reader
  }))
  const { page } = await look(t, url)
  await page.locator('#tail-state', { hasText: 'not given the tail, trying again' }).waitFor()
  for (const reader of readers) reader.abort()
  await page.locator('#tail-state', { hasText: 'waiting for the next line' }).waitFor()
  await send(sent('here it is'))
  await page.locator('.line', { hasText: 'here it is' }).waitFor()
})

t.test('a screen reader hears once that Sluice does not answer, and again when it does', { skip }, async t => {
  const { url } = await setUp(t)
  const { page } = await look(t, url)
  const spoken = page.locator('#spoken')
  await spoken.getByText('Nothing received yet.').waitFor()
  await page.route('**/page/status', async route => { await route.abort() })
  await spoken.getByText('Sluice does not answer.').waitFor()
  await page.unroute('**/page/status')
  await spoken.getByText('Nothing received yet.').waitFor()
})

t.test('whoever reads a line by keyboard keeps it, however many come, until Escape', { skip }, async t => {
  const { url, send } = await setUp(t)
  const { page, complaints } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  await send(sent('the one'))
  await page.locator('.line', { hasText: 'the one' }).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.locator('.why').waitFor()
  // More than there are rows; only so many a second are shown.
  const newCount = async () => Number(/([\d,]+) new/.exec(await textOf(page, '#tail-state'))?.[1]?.replace(',', '') ?? 0)
  while (await newCount() < 600) await send(...Array.from({ length: 200 }, () => sent('another')))
  t.match(await page.evaluate<string>('document.activeElement?.textContent'), /the one/)
  await page.keyboard.press('Escape')
  await page.locator('.why').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.locator('.line', { hasText: 'another' }).first().waitFor()
  t.same(complaints, [])
})
