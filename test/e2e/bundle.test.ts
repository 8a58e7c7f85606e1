import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { bundle } from '../../scripts/bundle.ts'
import type { ExitReport } from '../support/sluice-process.ts'

t.setTimeout(1_800_000)

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }

t.test('one file is the whole product', async t => {
  const directory = t.testdir({ data: {}, 'grep.conf': '[FILTER]\n Name grep\n Match *\n Exclude log ^a++b\n' })
  const file = join(directory, 'sluice.cjs')
  await bundle(file)
  const env = { PATH: process.env['PATH'], SLUICE_DATA_DIR: join(directory, 'data'), SLUICE_HTTP: 'off' }
  const sluice = async (args: readonly string[], input = '') => {
    const running = promisify(execFile)(process.execPath, [file, ...args], { env, cwd: directory })
    running.child.stdin?.end(input)
    return (await running).stdout
  }
  t.match(readFileSync(file, 'utf8').slice(0, 40), /^#!\/usr\/bin\/env node\n"use strict";/, 'what ES modules are, too')
  t.equal(await sluice(['--version']), `${version}\n`)
  t.match(await sluice(['--help']), 'Usage: sluice')
  t.match(await sluice(['check']), /dataDir: .*data +# SLUICE_DATA_DIR/)
  t.match(await sluice(['migrate', 'grep.conf']), '^(?:(?=(a+))\\1)b', 'with what is loaded on demand')
  const output = await sluice(['--stdin'], '{"status":200,"path":"/"}\nhello\n')
  const report = JSON.parse(output.split('\n').find(line => line.includes('"exit report"')) ?? '') as ExitReport
  t.match(report, { received: 2, delivered: 2, pending: 0, balanced: true })
  t.match(readFileSync(`${file}.LICENSES.txt`, 'utf8'), /fastify \d.*@smithy|@smithy[^]*fastify \d/, 'with the licences of what is in it')
})
