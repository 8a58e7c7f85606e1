import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { askAt, observed } from '../support/operator.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

const main = join(import.meta.dirname, '../../scripts/demo/main.ts')

interface Ended { readonly code: number, readonly stdout: string, readonly stderr: string }

function world (t: Test) {
  const cwd = t.testdir()
  return {
    cwd,
    demo: async (...args: string[]) => {
      const running = promisify(execFile)(process.execPath, [main, ...args], { cwd, env: { PATH: process.env['PATH'] } })
      return await running.then(
        ({ stdout }) => ({ code: 0, out: stdout, error: '' }),
        ({ code, stdout, stderr }: Ended) => ({ code, out: stdout, error: stderr })
      )
    },
    /** Every file with its content and its time. */
    files: (name: string) => new Map(globSync('**/*', { cwd: join(cwd, name) }).flatMap(path => {
      const stat = statSync(join(cwd, name, path))
      return stat.isFile() ? [[path, [stat.mtimeMs, readFileSync(join(cwd, name, path), 'latin1')]]] : []
    })),
  }
}

t.setTimeout(1_800_000)

/** Characters of East Asia take two columns. */
const columnsOf = (line: string) => line.length + (line.match(/[\u1100-\uffff]/g) ?? []).length

t.test('it shows what went where in 80 columns, and each run leaves what an earlier one made', async t => {
  const { demo, files } = world(t)
  const first = await demo()
  t.equal(first.code, 0, first.error)
  t.match(first.out, /^Everything goes to demo-output\/, a new directory/)
  t.match(first.out, /^access +[\d,]+ .* access\/dt=.*\/$/m)
  t.match(first.out, /^error +[\d,]+ .* logs\/web\/demo\/error\.ndjson$/m)
  t.match(first.out, /The ledger balances\./)
  t.match(first.out, /lines of a PHP trace, as they came one by one\n.*\n(?:.*\n)*? {2}#0 (?:.*\n)*?The one event that they became\n {2}\{"t":\d+,"c":/)
  t.match(first.out, /which is no JSON\n {2}\{.*\n(?:.*\n)*?The same line as it was delivered\n {2}\{/)
  t.match(first.out, /^\\x01 is no escape that JSON knows, and became \\u0001\.$/m)
  t.match(first.out, /^Their keys\n {2}access {3}Apache's own.*\n {2}app .*\n {2}error {4}t, the time in ms since 1970; c, the container; m, /m)
  t.match(first.out, /http:\/\/127\.0\.0\.1:2020\/ in a browser\n$/)
  t.same(first.out.split('\n').filter(line => columnsOf(line) > 80), [])
  const left = files('demo-output')
  t.ok(left.size >= 4)
  const second = await demo()
  t.equal(second.code, 0, second.error)
  t.match(second.out, /^Everything goes to demo-output-2\//)
  t.same(files('demo-output'), left)
})

t.test('it shows the objects and streams of a stand-in of AWS, in 80 columns too', async t => {
  const { demo } = world(t)
  const { code, out, error } = await demo('--aws')
  t.equal(code, 0, error)
  t.match(out, /^access +[\d,]+ .* s3:\/\/demo\/access\/dt=[\d-]+\/hour=\d+\/$/m)
  t.match(out, /^error +[\d,]+ .* \/demo\/errors, web\/demo\/error$/m)
  t.match(out, /The one event that they became\n {2}\{"timestamp":\d+,"message":/)
  t.match(out, /^ {2}error {4}message, /m)
  t.match(out, /http:\/\/127\.0\.0\.1:2020\/ in a browser\n$/)
  t.same(out.split('\n').filter(line => columnsOf(line) > 80), [])
})

t.test('it sends lines to a Sluice that runs, until Ctrl-C, and says how many; and that none runs', async t => {
  const { demo } = world(t)
  t.match(await demo('--live'), { code: 1, error: /nobody takes lines on \.sluice\/fluent\.sock \(ENOENT\): run npm start first\n$/ })
  const cwd = shortDirectory(t)
  mkdirSync(join(cwd, '.sluice'))
  const sluice = startSluice(t, { directory: join(cwd, '.sluice'), env: observed })
  const operator = await askAt(sluice)
  const live = spawn(process.execPath, [main, '--live'], { cwd })
  let out = ''
  live.stdout.on('data', piece => { out += String(piece) })
  t.teardown(() => live.kill('SIGKILL'))
  await until('lines come', async () => (await operator.health()).ledger.received.total, total => total > 10)
  t.match(out, 'http://127.0.0.1:2020/')
  live.kill('SIGINT')
  t.same(await once(live, 'close'), [0, null])
  const [, count = ''] = /Sent ([\d,]+) lines\.\n$/.exec(out) ?? []
  t.ok(Number(count) > 0, out)
  sluice.kill('SIGTERM')
  await sluice.exited
  t.ok(sluice.report().received >= Number(count), 'a line of more than 16 KiB comes in pieces')
})

t.test('it has help, and makes nothing of arguments that cannot be understood', async t => {
  const { demo, cwd } = world(t)
  t.match(await demo('--help'), { code: 0, out: 'npm run demo -- --aws' })
  t.match(await demo('--asw'), { code: 64, out: '', error: 'unknown option --asw; did you mean --aws?' })
  t.same(globSync('*', { cwd }), [])
})
