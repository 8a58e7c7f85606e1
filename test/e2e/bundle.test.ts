import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
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
  t.match(readFileSync(file, 'utf8'), 'The way of a line', 'with the page')
  // One character beyond Latin-1, as esbuild leaves it in a regular expression, and V8 keeps two bytes for each of all.
  t.notOk(readFileSync(file).some(byte => byte > 0x7f), 'of ASCII only')
  t.equal(await sluice(['--version']), `${version}\n`)
  t.match(await sluice(['--help']), 'Usage: sluice')
  t.match(await sluice(['check']), /dataDir: .*data +# SLUICE_DATA_DIR/)
  t.match(await sluice(['migrate', 'grep.conf']), '^(?:(?=(a+))\\1)b', 'with what is loaded on demand')
  const output = await sluice(['--stdin'], '{"status":200,"path":"/"}\nhello\n')
  const report = JSON.parse(output.split('\n').find(line => line.includes('"exit report"')) ?? '') as ExitReport
  t.match(report, { received: 2, delivered: 2, pending: 0, balanced: true })
  t.match(readFileSync(`${file}.LICENSES.txt`, 'utf8'), /fastify \d.*@smithy|@smithy[^]*fastify \d/, 'with the licences of what is in it')
})

t.test('SIGUSR1 opens no debugger, whatever the command, and in the image from the first moment', async t => {
  const directory = t.testdir({ 'signal.cjs': "process.kill(process.pid, 'SIGUSR1')" })
  const file = join(directory, 'sluice.cjs')
  await bundle(file)
  const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8')
  const [program = '', ...start] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[]
  t.same([program, start.at(-1)], ['node', '/usr/local/lib/sluice/sluice.cjs'])
  const cases = [
    { name: 'the image, before the first line of ours', flags: [...start.slice(0, -1), '--require', join(directory, 'signal.cjs')] },
    { name: 'the file, once it runs', flags: [] },
  ]
  for (const { name, flags } of cases) {
    // A command that waits for its input, and takes over no other signal.
    const child = spawn(process.execPath, [...flags, file, 'explain'], { env: { PATH: process.env['PATH'] } })
    t.teardown(() => child.kill('SIGKILL'))
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
    const ended = once(child, 'close')
    child.stdin.write('{"status":200,"path":"/"}\n'.repeat(10_000))
    await once(child.stdout, 'data')
    child.kill('SIGUSR1')
    child.stdin.end('{"status":200,"path":"/"}\n')
    t.same(await ended, [0, null], name)
    t.match(output, /access/)
    t.notMatch(output, /[Dd]ebugger/, name)
  }
})
