import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromiumPath, startBrowser } from '../../support/browser.ts'
import { say } from './phase.ts'

const checkout = join(import.meta.dirname, '../../..')
/** The picture of docs/compose.md is made where PICTURES is set; a run without it leaves the checkout as it is. */
const picture = process.env['PICTURES'] === undefined ? undefined : join(checkout, 'docs/pictures/compose.png')
const patienceMs = 120_000

/**
 * Opens the page as docs/compose.md says, gives the token, and looks at what `drive` causes: a request that is an
 * access line, and an error.
 *
 * @returns what is wrong, and what `drive` resolved with
 */
export async function watchedOnPage<Driven> (
  port: number, token: string, drive: () => Promise<Driven>
): Promise<{ readonly wrong: string[], readonly driven: Driven }> {
  if (chromiumPath === undefined) {
    say('there is no Chromium on this machine: the page is not looked at')
    return { wrong: [], driven: await drive() }
  }
  const browser = await startBrowser(chromiumPath)
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 1_000 } })
    page.setDefaultTimeout(patienceMs)
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.locator('#token').fill(token)
    await page.getByText('Show lines').click()
    await page.locator('#tail-open').waitFor()
    const driven = await drive()
    const wrong: string[] = []
    for (const [what, text] of [['a request', '/index.php'], ['an error', 'throw.php']] as const) {
      try {
        await page.locator('.line', { hasText: text }).first().waitFor()
      } catch {
        wrong.push(`page: expected ${what} with ${text} in the live tail`)
      }
    }
    if (picture !== undefined) {
      await page.locator('.line', { hasText: 'order #42 failed' }).last().click()
      mkdirSync(dirname(picture), { recursive: true })
      await page.screenshot({ path: picture, fullPage: true })
    }
    say('the page shows requests and errors')
    return { wrong, driven }
  } finally {
    await browser.close()
  }
}
