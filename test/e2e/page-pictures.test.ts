import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startAws } from '../support/aws/server.ts'
import { look, sent, setUp, skip } from './page-world.ts'

t.setTimeout(1_800_000)

/** The pictures of the manual are made here, where PICTURES is set: each run would change a few bytes of them. */
const directory = process.env['PICTURES'] === undefined ? undefined : join(import.meta.dirname, '../../docs/pictures')
const seconds = 75

const task = '0123456789abcdef0123456789abcdef'
const env = {
  SLUICE_ECS_TASK_ARN: `arn:aws:ecs:ap-northeast-1:123456789012:task/shop/${task}`,
  SLUICE_ECS_CLUSTER: 'shop',
  SLUICE_ECS_TASK_DEFINITION: 'shop-web:12',
  SLUICE_HOST_ID: task,
  SLUICE_BUCKET: 'shop-logs',
  SLUICE_PREFIX: 'web/',
  SLUICE_LOG_GROUP: '/ecs/shop/error',
  SLUICE_OBJECTS_MAX_AGE: '2s',
}

let count = 0
const pages = ['/', '/cart', '/item/4711', '/search?q=lamp', '/pay', '/account', '/static/app.css']

/** A line of Apache as docs/apache.md has it written. */
function request (status: number, millis: number): string {
  const path = pages[++count % pages.length] ?? '/'
  return JSON.stringify({
    time: new Date().toISOString(),
    remote_ip: `203.0.113.${count % 200}`,
    method: path === '/pay' ? 'POST' : 'GET',
    path,
    status,
    bytes: 400 + count * 37 % 9_000,
    duration_us: Math.round(millis * 1_000),
  })
}

/** One second of a shop: visitors come and go, now and then something breaks. */
function * second (index: number) {
  const visitors = Math.round(30 + 18 * Math.sin(index / 6) + index % 5)
  for (let each = 0; each < visitors; each++) {
    const isSlow = (each + index) % 17 === 0
    const turn = each + index
    const status = turn % 61 === 0 ? 500 : turn % 23 === 0 ? 404 : turn % 11 === 0 ? 302 : 200
    yield sent(request(status, isSlow ? 400 + each * 13 : 6 + each * 7 % 60))
  }
  const php = (words: string) => sent(`[php:warn] [pid 31] PHP Warning:  ${words}`, 'stderr')
  if (index % 3 === 0) yield php('Undefined variable $basket in /var/www/html/pay.php on line 42')
  if (index % 7 === 0) yield php('Undefined array key "sku" in /var/www/html/item.php on line 17')
  if (index % 12 === 5) {
    yield sent('PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/html/db.php:9', 'stderr')
    yield sent('Stack trace:', 'stderr')
    yield sent('#0 /var/www/html/db.php(9): PDO->__construct()', 'stderr')
    yield sent('#1 {main}', 'stderr')
    yield sent('  thrown in /var/www/html/db.php on line 9', 'stderr')
  }
  if (index % 10 === 4) yield sent('{"status":200,"path":"/item/\\x9d","duration_us":900}')
  if (index % 9 === 2) yield sent('queue: mail to customer sent, authorization: Bearer abcdefghij0123456789', 'stdout', '/worker')
}

t.test('the pictures of the manual', { skip: directory === undefined ? 'set PICTURES to make them' : skip }, async t => {
  const aws = await startAws({ buckets: ['shop-logs'], groups: ['/ecs/shop/error'] })
  t.teardown(() => aws.close())
  const { url, send, sluice } = await setUp(t, { env: { ...aws.environment, ...env } })
  // As a log driver, which stays connected; what is sent here has a connection each time.
  const driver = connect(sluice.socketPath)
  t.teardown(() => driver.destroy())
  const { page } = await look(t, url)
  await page.getByText('waiting for the next line').waitFor()
  // What is drawn is what a minute brings; nothing is waited for.
  let index = 0
  const go = async (count: number) => {
    for (const end = index + count; index < end; index++) {
      await send(...second(index))
      await sleep(1_000)
    }
  }
  const picture = async (name: string, colorScheme: 'light' | 'dark', width: number, height: number) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    await page.evaluate('scrollTo(0, 0)')
    await go(3)
    await page.screenshot({ path: join(directory ?? '', `page-${name}.png`) })
  }
  mkdirSync(directory ?? '', { recursive: true })
  await go(seconds)
  await page.locator('.signal').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await picture(`${colorScheme}-wide`, colorScheme, 1_280, 1_120)
    await picture(`${colorScheme}-phone`, colorScheme, 360, 780)
  }
  // A trace comes every twelve seconds.
  await go(12)
  await page.setViewportSize({ width: 1_280, height: 800 })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.locator('.line', { hasText: 'SQLSTATE' }).last().click()
  await page.locator('.why').scrollIntoViewIfNeeded()
  await page.locator('#tail').screenshot({ path: join(directory ?? '', 'page-tail.png') })
  await page.keyboard.press('Escape')

  aws.faults.set('logs', { mode: 'denied' })
  await go(seconds)
  await page.getByText(/is paused for/).first().waitFor()
  t.match(await page.locator('#reasons').textContent(), /^allow logs:PutLogEvents on /, 'what to do, without what the sentence said')
  await picture('trouble', 'light', 1_280, 780)
})
