import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** A Chromium of this machine: the one that `CHROMIUM` names, else the one in `PATH`; undefined where there is none. */
export const chromiumPath = process.env['CHROMIUM'] ?? (process.env['PATH'] ?? '').split(delimiter)
  .flatMap(directory => names.map(name => join(directory, name))).find(path => existsSync(path))

/** Starts it without a window. The caller closes it. */
export async function startBrowser (executablePath: string): Promise<Browser> {
  // Root has no sandbox, and a container little shared memory.
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'], timeout: 300_000 })
}
