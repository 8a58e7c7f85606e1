import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { HistoryReport } from '../../src/telemetry/history.ts'
import { startAws } from '../support/aws/server.ts'
import { chromiumPath, startBrowser } from '../support/browser.ts'
import { startSluice } from '../support/sluice-process.ts'
import { look, sent, setUp, skip, textOf, violations } from './page-world.ts'

t.setTimeout(1_800_000)

const access = (path: string, status = 200) =>
  JSON.stringify({ time: '2026-01-02T03:04:05Z', request: `GET ${path} HTTP/1.1`, path, status, bytes: 512 })
const took = (path: string, status: number, micros: number) =>
  JSON.stringify({ time: '2026-01-02T03:04:05Z', request: `GET ${path} HTTP/1.1`, path, status, bytes: 512, duration_us: micros })
const noMemory = 'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /var/www/export.php on line 7'
const phpWarning = 'PHP Warning:  Undefined variable $basket in /var/www/pay.php on line 42'

t.test('the page: numbers move, the tail filters, a click says why, and everybody can use it', { skip }, async t => {
  const { url, send } = await setUp(t)
  const { page, complaints } = await look(t, url)
  await page.getByText('Nothing received yet.').first().waitFor()
  await page.locator('#empty').waitFor({ state: 'visible' })

  await page.locator('#tail-open').waitFor({ state: 'visible' })
  await page.getByText('waiting for the next line').waitFor()
  await send(sent(access('/pay')), sent(access('/cart', 500)), sent(phpWarning, 'stderr'), sent('hello from a program'))
  await page.locator('.line', { hasText: '/cart' }).waitFor()
  await page.locator('.line', { hasText: '$basket' }).waitFor()
  t.match(await textOf(page, '.line:has-text("$basket")'), /error.*warn.*Undefined variable/)
  t.match(await textOf(page, '.line:has-text("/cart")'), /access.*500/)

  for (let round = 0; round < 20; round++) await send(...Array.from({ length: 50 }, (_, index) => sent(access(`/shop/${index}`))))
  await page.locator('[data-key="route access"]', { hasText: '1,002 delivered' }).waitFor()
  await page.getByText('All lines are where they belong.').first().waitFor()
  t.match(await textOf(page, '#ledger'), /received1,004/)
  t.notOk((await textOf(page, '#ledger')).includes('≠'))

  await page.keyboard.press('/')
  await page.keyboard.type('level:warn')
  await page.locator('.line', { hasText: '/shop/' }).first().waitFor({ state: 'detached' })
  t.equal(await page.locator('.line').count(), 1)
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const why = await textOf(page, '.why')
  for (const part of ['by rule stderr', 'pay.php', 'Undefined variable $basket', 'route', 'error → file']) t.match(why, part)

  await page.setViewportSize({ width: 1280, height: 1600 })
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: width === 360 ? 780 : 1400 })
      t.same(await violations(page), [], `${colorScheme}, ${width} pixels`)
      t.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, `nothing to scroll sideways at ${width} pixels`)
    }
  }
  t.same(complaints, [])
})

t.test('requests by status and time, signals with their sentences, and frequent errors are shown', { skip }, async t => {
  const { url, send } = await setUp(t)
  const { page, complaints } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  t.equal(await page.locator('#signals').isVisible(), false)
  t.equal(await page.locator('#errors').isVisible(), false)
  // 90 fast ones, 8 that are slower, 2 that are slow.
  const millis = Array.from({ length: 100 }, (_, index) => index < 90 ? 8 : index < 98 ? 80 : 3_000)
  await send(...millis.map((each, index) => sent(took('/shop', index < 95 ? 200 : index < 98 ? 404 : 500, each * 1_000))))
  await send(sent(phpWarning, 'stderr'), sent(phpWarning, 'stderr'), sent(noMemory, 'stderr'))

  await page.locator('.card', { hasText: 'Requests: 100' }).waitFor()
  const requests = await textOf(page, '.card:has-text("Requests: 100")')
  t.match(requests, /2xx.*9595 %/)
  t.match(requests, /4xx.*33 %/)
  t.match(requests, /5xx.*22 %/)
  const durations = await textOf(page, '.card:has-text("Duration of requests")')
  t.match(durations, /half within≈ \d ms/)
  t.match(durations, /95 % within≈ \d\d ms/)
  t.match(durations, /99 % within≈ [23] s/)
  t.equal(await page.locator('.bars rect').count() > 5, true, 'a histogram')

  await page.locator('.signal', { hasText: 'php memory exhausted' }).waitFor()
  t.match(await textOf(page, '.signal'), /1 line.*has used all of memory_limit.*The file of the message says where.*web, since /)
  const errors = page.locator('#error-rows tr')
  await errors.nth(1).waitFor()
  t.match(await errors.nth(0).textContent(), /^2warn.*(?:now|ago).*Undefined variable \$basket \(\/var\/www\/pay\.php:42\)/)
  t.match(await errors.nth(1).textContent(), /^1error.*export\.php:7/)
  t.match(await textOf(page, '#about'), /running for .* · container web/)
  t.match(await textOf(page, '#since'), /^Curves are of the last \d+ s\.$/)
  await page.setViewportSize({ width: 360, height: 780 })
  t.equal(await page.evaluate('[...document.querySelectorAll(".scroll")].every(each => each.scrollWidth <= each.clientWidth)'), true,
    'on a phone the errors are read without scrolling sideways')
  const topOf = async (text: string) => (await page.locator('#ledger').getByText(text, { exact: true }).boundingBox())?.y ?? NaN
  const order = await Promise.all(['received', 'in', '=', 'delivered', 'out, or waiting'].map(topOf))
  t.same(order, order.toSorted((one, other) => one - other), 'and the ledger is one side, equals, the other')
  t.same(await violations(page), [])
  t.same(complaints, [])
})

const requestCurve = '.card:has-text("Requests:") .spark path:not(.ground):not(.bad)'

t.test('curves begin with what was counted before the page was opened, also where lines are not shown', { skip }, async t => {
  const { url, send } = await setUp(t, { env: { SLUICE_HTTP_PAGE: 'status' } })
  for (const status of [200, 200, 200, 503]) await send(...Array.from({ length: 50 }, () => sent(access('/secret', status))))
  const kept = async () => {
    const text = await (await fetch(`${url}/page/history`)).text()
    t.notMatch(text, 'secret')
    const { names, samples } = JSON.parse(text) as HistoryReport
    return ['received', 'delivered', 'requests', 'requests/5xx'].map(name => samples.at(-1)?.counts[names.indexOf(name)] ?? 0)
  }
  // A sample is taken every ten seconds; one is shown when an answer cannot be older.
  while ((await kept()).join() !== '200,200,200,50') await sleep(500)
  await sleep(6_000)
  const { page, complaints } = await look(t, url)
  await page.locator(requestCurve).waitFor()
  await page.locator('#since', { hasText: /^Curves are of the last (?:1[5-9]|[2-9]\d) s\.$/ }).waitFor()
  const bend = await page.locator(requestCurve).getAttribute('d') ?? ''
  t.ok(new Set(bend.match(/ [\d.]+/g)).size > 1, `it is not flat: ${bend}`)
  t.same(complaints, [])
})

t.test('a curve of 15 minutes is drawn from what was kept, once, and again after nobody looked for a while', { skip }, async t => {
  const { url, send } = await setUp(t)
  await send(sent(took('/shop', 200, 8_000)))
  const { names } = await (await fetch(`${url}/page/history`)).json() as { readonly names: readonly string[] }
  const samples = Array.from({ length: 91 }, (_, index) =>
    ({ ageMs: (90 - index) * 10_000 + 6_000, counts: names.map(() => index === 90 ? 1 : 0) }))
  const { page, complaints } = await look(t, 'about:blank')
  let asked = 0
  await page.route('**/page/history', async route => {
    asked++
    await route.fulfill({ json: { names, samples } })
  })
  await page.clock.install()
  await page.goto(url)
  await page.getByText('Curves are of the last 15 min.').waitFor()
  const points = (await page.locator(requestCurve).getAttribute('d') ?? '').split('L')
  t.ok(points.length >= 89, `${points.length} points`)
  t.match(points[0], /^M(?:\d|\d\d)\./, 'from the left')
  await page.locator('.card', { hasText: 'Duration of requests, last minute' }).waitFor()
  const lines = page.locator('.card', { hasText: 'delivered' }).last()
  t.equal(await lines.locator('path.bad').count(), 1, 'the one that was lost is red')
  t.equal(asked, 1)
  await page.clock.fastForward(20_000)
  await page.waitForResponse('**/page/history')
  t.equal(asked, 2)
  t.same(complaints, [])
})

t.test('a sender says when its last line came, also one that came before the page was opened', { skip }, async t => {
  const { url, send } = await setUp(t, { env: { SLUICE_TCP: '127.0.0.1:0' } })
  await send(sent('hello'))
  const { page, complaints } = await look(t, url)
  await page.locator('[data-key="sender unix"]', { hasText: /1 received.*, the last line came \d+ s ago/ }).waitFor()
  t.match(await page.locator('[data-key="sender unix"]').getAttribute('title'), /^last line \d{4}-.*Z$/)
  t.notMatch(await textOf(page, '[data-key="sender tcp"]'), 'last line')
  t.same(complaints, [])
})

t.test('a destination that does not take lines says why, in colour and words', { skip }, async t => {
  const aws = await startAws({ groups: ['/ecs/shop/error'] })
  t.teardown(() => aws.close())
  aws.faults.set('logs', { mode: 'denied' })
  const env = { ...aws.environment, SLUICE_LOG_GROUP: '/ecs/shop/error', SLUICE_DELIVERY_BACKOFF_MAX: '10s' }
  const { url, send } = await setUp(t, { env })
  await send(sent(phpWarning, 'stderr'))
  const { page } = await look(t, url)
  await page.locator('#sentence', { hasText: '1 record waits: error (denied) is tried again.' }).waitFor()
  const trouble = page.locator('[data-key="route error"] .trouble', { hasText: /It waits: CloudWatch Logs in .* denies access/ })
  await trouble.waitFor()
  const colourOf = async (route: string, part: string) =>
    await page.evaluate<string>(`getComputedStyle(document.querySelector('[data-key="route ${route}"] .${part}')).color`)
  t.equal(await colourOf('error', 'trouble'), 'rgb(138, 83, 0)', 'amber')
  t.equal(await colourOf('error', 'where'), await colourOf('access', 'where'))
  await page.locator('[data-key="sender unix"]', { hasText: 'nobody connected' }).waitFor()
  t.same(await violations(page), [])
  await page.locator('#sentence', { hasText: /^Route error is paused for .* denies access .*1 record waits\.$/ }).waitFor()
  await page.locator('#reasons', { hasText: /^allow logs:PutLogEvents on / }).waitFor()
  aws.faults.clear('logs')
  await page.locator('#sentence', { hasText: 'All lines are where they belong.' }).waitFor()
  await page.locator('[data-key="route error"] .trouble', { hasText: /Last delivered .*\. Last error .* ago: CloudWatch Logs in .* denies access/ }).waitFor()
})

t.test('a hostile line is text', { skip }, async t => {
  const { url, send } = await setUp(t)
  const { page, complaints } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  const script = '<script>document.title = "taken"</script><img src=x onerror="document.title = \'taken\'">'
  await send(
    sent(script),
    sent('\u001b[2J\u001b]0;taken\u0007 escaped'),
    sent('\u202egnp.exe turned'),
    sent(`long ${'x'.repeat(190_000)}`),
    sent(script, 'stderr')
  )
  await page.locator('.line', { hasText: 'long' }).waitFor()
  await page.locator('.line', { hasText: '\\x1b[2J\\x1b]0;taken\\x07 escaped' }).waitFor()
  await page.locator('.line', { hasText: '\\u{202e}gnp.exe turned' }).waitFor()
  t.equal(await page.locator('.line', { hasText: script }).count(), 2)
  await page.locator('.line', { hasText: 'long' }).click()
  t.match(await textOf(page, '.why'), '186 KiB', 'the size of the whole line')
  t.equal(await page.title(), 'Sluice')
  t.equal(await page.locator('.lines img, .lines script').count(), 0)
  t.same(complaints, [])
})

t.test('a card number is not in the tail, whatever becomes of its line', { skip }, async t => {
  const { url, send } = await setUp(t, { env: { SLUICE_FILTER_EXCLUDE: 'left out' } })
  const { page, complaints } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  const card = '4111111111111111'
  await send(
    sent(`paid with ${card}`),
    sent(`left out ${card}`),
    sent(access(`/pay?card=${card}`)),
    sent(`PHP Warning:  card ${card} in /a.php on line 1`, 'stderr'),
    sent('the last')
  )
  await page.locator('.line', { hasText: 'the last' }).waitFor()
  await page.locator('.line', { hasText: 'PHP Warning' }).click()
  t.match(await textOf(page, '.why'), /redacted *card_number/)
  t.equal(await page.locator('.line').count(), 5)
  t.notOk((await page.content()).includes(card))
  t.same(complaints, [])
})

t.test('status shows nothing of a line', { skip }, async t => {
  const { url, send } = await setUp(t, { env: { SLUICE_HTTP_PAGE: 'status' } })
  const { page, complaints } = await look(t, url)
  await send(sent(access('/secret-path')), sent('PHP Warning:  secret words in /secret.php on line 1', 'stderr'))
  await page.locator('[data-key="route error"]', { hasText: '1 delivered' }).waitFor()
  await page.locator('[data-key="route access"]', { hasText: '1 delivered' }).waitFor()
  t.equal(await page.locator('#error-rows tr').count(), 1, 'that there are errors is a number')
  await page.getByText('What they say is shown with lines.').waitFor()
  await page.getByText('Lines are not shown: httpPage is status.').waitFor()
  t.notOk((await page.content()).includes('secret'))
  t.notOk((await (await fetch(`${url}/page/status`)).text()).includes('secret'))
  t.equal((await fetch(`${url}/page/tail`)).status, 403)
  t.equal(await page.locator('#tail-open').isVisible(), false)
  t.same(complaints, [])
})

t.test('samples without effect are told: on the page, in the log, and what to set', { skip }, async t => {
  const { url, sluice } = await setUp(t, { env: { SLUICE_HTTP_PAGE: 'samples', SLUICE_HTTP: '0.0.0.0:0' } })
  t.match(sluice.output(), /httpPage: samples has no effect/)
  t.match(sluice.output(), /"page":"http:\/\/127\.0\.0\.1:\d+\/","host":"0\.0\.0\.0"/)
  const { page } = await look(t, url)
  await page.getByText(/^httpPage: samples has no effect\..*Set httpToken \(SLUICE_HTTP_TOKEN\)/).waitFor()
})

t.test('a task says which it is, with its place in the console where the page may name places', { skip }, async t => {
  const arn = 'arn:aws:ecs:eu-west-1:123456789012:task/cellar/0123456789abcdef0123456789abcdef'
  const env = { SLUICE_ECS_TASK_ARN: arn, SLUICE_ECS_CLUSTER: 'cellar', SLUICE_ECS_TASK_DEFINITION: 'shop:12', AWS_REGION: 'eu-west-1' }
  const { url } = await setUp(t, { env })
  const { page } = await look(t, url)
  await page.getByText('shop:12, task 0123456789abcdef0123456789abcdef').waitFor()
  t.match(await page.locator('#about a').getAttribute('href'), /\/ecs\/v2\/clusters\/cellar\/tasks\/0123456789abcdef/)
  const plain = await setUp(t, { env: { ...env, SLUICE_HTTP_DETAIL: 'plain' } })
  t.notOk((await (await fetch(`${plain.url}/page/status`)).text()).includes('cellar'))
})

t.test('with a token, lines are shown to those who give it, and it is never in an address', { skip }, async t => {
  const token = 'a-token-of-this-test'
  const { url, send } = await setUp(t, { env: { SLUICE_HTTP: '0.0.0.0:0', SLUICE_HTTP_TOKEN: token } })
  const { page, browser } = await look(t, url)
  const addresses: string[] = []
  page.on('request', request => addresses.push(request.url()))
  await page.locator('#token').fill('another-token-than-it')
  await page.getByText('Show lines').click()
  await page.getByText('That is not the token.').waitFor()
  t.equal((await fetch(`${url}/page/tail`)).status, 401)
  await page.locator('#token').fill(token)
  await page.getByText('Show lines').click()
  await page.getByText('waiting for the next line').waitFor()
  await send(sent('hello'))
  await page.locator('.line', { hasText: 'hello' }).waitFor()
  t.match(await browser.contexts()[0]?.cookies(), [{ httpOnly: true, sameSite: 'Strict' }])
  t.same(addresses.filter(address => address.includes(token)), [])
})

t.test('without JavaScript the page is a static status', { skip }, async t => {
  const { url } = await setUp(t)
  const browser = await startBrowser(chromiumPath ?? '')
  t.teardown(async () => await browser.close())
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
  await page.goto(url)
  t.match(await page.locator('body').innerText(), /Nothing received yet\.[^]*access[^]*received 0 \+ recovered 0/)
})

t.test('the page says when Sluice no longer answers', { skip }, async t => {
  const { url, sluice } = await setUp(t)
  const { page } = await look(t, url)
  await page.locator('#tail-open').waitFor({ state: 'visible' })
  sluice.kill('SIGTERM')
  await sluice.exited
  await page.getByText(/No answer for/).waitFor()
})

t.test('sluice tail prints what the page shows, for a terminal, and ends at Ctrl-C', async t => {
  const token = 'a-token-of-this-test'
  const { url, send } = await setUp(t, { env: { SLUICE_HTTP_TOKEN: token } })
  const tail = (...args: readonly string[]) => startSluice(t, { args: ['tail', '--url', url, ...args], env: { SLUICE_HTTP_TOKEN: token } })
  const all = tail()
  const errors = tail('--class', 'error', '--level', 'warn', '--json')
  const found = tail('--grep', 'BASKET')
  let count = 0
  // They read as soon as they are there, which nothing says: lines come until both have seen one.
  const sending = setInterval(() => { void send(sent(`\u001b[2Jhello ${++count}`), sent(phpWarning, 'stderr')) }, 200)
  t.teardown(() => clearInterval(sending))
  await all.printed(/app \\x1b\[2Jhello \d+\n/)
  await errors.printed(/"level":"warn"/)
  await found.printed(/ warn .*\$basket/)
  clearInterval(sending)
  for (const each of [all, errors, found]) {
    each.kill('SIGINT')
    t.equal(await each.exited, 0)
  }
  t.notOk(errors.output().includes('hello'))
  t.notOk(found.output().includes('hello'))
  t.notOk(all.output().includes('\u001b'))
  const refused = startSluice(t, { args: ['tail', '--url', url] })
  t.equal(await refused.exited, 1)
  t.match(refused.output(), /^sluice tail: 127\.0\.0\.1:\d+ answered 401: expected the token/)
})
