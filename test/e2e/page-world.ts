import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { chromiumPath, startBrowser } from '../support/browser.ts'
import { observed } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import { startSluice, type SluiceOptions } from '../support/sluice-process.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Why there is no test in a browser; false: there is. */
export const skip = chromiumPath === undefined ? 'there is no Chromium on this machine' : false

export const sent = (log: string, source = 'stdout', container = '/web') => ({ timeMs: Date.now(), fields: { source, log, container_name: container } })

/** Starts a Sluice with a page. */
export async function setUp (t: Test, options: SluiceOptions = {}) {
  const sluice = startSluice(t, { ...options, env: { ...observed, ...options.env } })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const url = `http://127.0.0.1:${port}`
  const send = async (...lines: readonly ReturnType<typeof sent>[]) => await sendRecords(sluice.socketPath, lines)
  return { sluice, url, send }
}

/** Opens the page in a browser, and notes what its console says. */
export async function look (t: Test, url: string) {
  const browser = await startBrowser(chromiumPath ?? '')
  t.teardown(async () => await browser.close())
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } })
  page.setDefaultTimeout(Number(process.env['PAGE_PATIENCE_MS'] ?? 300_000))
  const complaints: string[] = []
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()) })
  page.on('pageerror', error => complaints.push(String(error)))
  await page.goto(url)
  return { page, complaints, browser }
}

/** What axe calls serious or critical. */
export async function violations (page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    interface Violation { readonly id: string, readonly impact: string, readonly nodes: readonly { html: string }[] }
    const { axe } = globalThis as unknown as { axe: { run (): Promise<{ violations: Violation[] }> } }
    const found = await axe.run()
    return found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

export const textOf = async (page: Page, selector: string) => (await page.locator(selector).textContent()) ?? ''
