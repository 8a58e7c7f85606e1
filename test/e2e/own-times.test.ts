import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { deliveredLines } from '../support/delivered.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { bucket, group, startWorld } from './aws-world.ts'

t.setTimeout(600_000)

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** `23/Nov/2026:19:41:55 +0000` */
function apacheTime (timeMs: number): string {
  const text = new Date(timeMs).toUTCString()
  const [, day = '', month = '', year = '', clock = ''] = /^\w+, (\d\d) (\w+) (\d+) ([\d:]+)/.exec(text) ?? []
  return `${day}/${month}/${year}:${clock} +0000`
}

function inputFile (t: Test, lines: readonly string[]): string {
  const path = join(shortDirectory(t), 'old.log')
  writeFileSync(path, lines.map(line => `${line}\n`).join(''))
  return path
}

t.test('each line of an old file lies under the hour that it says, one object an hour', async t => {
  const { aws, start } = await startWorld(t)
  const nowMs = Date.now()
  // Three weeks, every five hours, each hour with lines in both formats, the last one out of order.
  const first = Math.floor((nowMs - 21 * dayMs) / hourMs)
  const hours = Array.from({ length: 100 }, (_, index) => (first + index * 5) * hourMs)
  const lines = hours.flatMap((hour, index) => [
    `10.0.0.1 - - [${apacheTime(hour + 1000)}] "GET /plain-${index} HTTP/1.1" 200 1`,
    `{"time":"${new Date(hour + 2000).toISOString()}","status":200,"path":"/json-${index}"}`,
    `{"time":"${apacheTime((hours[index - 1] ?? hour) + 3000)}","status":-,"path":"/broken-${index}"}`,
  ])
  const sluice = start({}, ['--stdin', '--time', 'line'], inputFile(t, lines))
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { received: 300, delivered: 300, dropped: 0, rejected: 0, balanced: true, readToEnd: true })
  const objects = aws.state.objects(bucket)
  const hourOf = (key: string) => /dt=(.+)\/hour=(\d\d)/.exec(key)?.slice(1).join('T') ?? key
  t.equal(new Set(objects.map(({ key }) => hourOf(key))).size, 100)
  t.equal(objects.length, 100, 'one object an hour')
  const found = objects.flatMap(({ key, body }) => gunzipSync(body).toString().trimEnd().split('\n').map(line => {
    const [, kind = '', index = ''] = /(plain|json|broken)-(\d+)/.exec(line) ?? []
    const number = Math.max(0, Number(index) - (kind === 'broken' ? 1 : 0))
    return hourOf(key) === new Date(hours[number] ?? 0).toISOString().slice(0, 13) ? 'right' : `${line} in ${key}`
  }))
  t.same(found.filter(each => each !== 'right'), [])
  t.equal(found.length, 300)
  t.notMatch(sluice.output(), /older than 14 days/, 'none of these goes to CloudWatch Logs')
})

t.test('events have the times of their lines; what is too old is named before it starts, and kept', async t => {
  const { aws, start } = await startWorld(t)
  const nowMs = Date.now()
  const stamp = (timeMs: number) => new Date(timeMs).toISOString().replace('Z', '+00:00')
  const [old, recent] = [nowMs - 20 * dayMs, nowMs - 3 * dayMs]
  const lines = [
    ...Array.from({ length: 10 }, (_, index) => `[${stamp(old + index * hourMs)}] app.ERROR: old-${index}. [] []`),
    ...Array.from({ length: 10 }, (_, index) => `[${stamp(recent + index * hourMs)}] app.ERROR: recent-${index}. [] []`),
    'PHP Warning:  no time of its own in /x.php on line 1',
  ]
  const args = ['--stdin', '--time', 'line', '--source', 'stderr']
  const sluice = start({}, args, inputFile(t, lines))
  t.equal(await sluice.exited, 0, sluice.output())
  const report = sluice.report()
  t.match(report, { received: 21, delivered: 11, rejected: 10, dropped: 0, balanced: true, left: {} })
  t.match(report.by['rejected'], { 'error/too_old': 10 })
  const events = aws.state.streams().flatMap(([group, stream]) => aws.state.events(group, stream))
  t.same(events.map(({ timestamp, message }) => [timestamp, /recent-\d|no time/.exec(message)?.[0]]), [
    ...Array.from({ length: 10 }, (_, index) => [recent + index * hourMs, `recent-${index}`]),
    [recent + 9 * hourMs, 'no time'],
  ])
  const output = sluice.output()
  const told = output.split('\n').find(line => line.includes('lines are older than 14 days')) ?? '{}'
  t.match(JSON.parse(told), { level: 'warn', lines: 10, groups: [group], advice: /dead letters/ })
  t.ok(output.indexOf('older than 14 days') < output.indexOf('"started"'), 'before it starts')
  t.match(output, /"lines":21,"withTime":20,"from":"[^"]+","to":"[^"]+","msg":"times of lines"/)
  const letters = readFileSync(join(sluice.dataDir, 'task1/dead-letter/error.ndjson'), 'utf8').trimEnd().split('\n')
  t.same(letters.map(line => /old-\d/.exec(line)?.[0]), Array.from({ length: 10 }, (_, index) => `old-${index}`))
  t.same(aws.state.violations, [])
})

t.test('of a pipe the first line that is too old is named; what says no time has that of its reading', async t => {
  const { aws, start } = await startWorld(t)
  const beganMs = Date.now()
  const sluice = start({}, ['--stdin', '--time', 'line', '--source', 'stderr'])
  sluice.stdin.end('first\n[2020-01-01T00:00:00Z] app.ERROR: a\n[2020-01-01T00:00:00Z] app.ERROR: b\n')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { received: 3, delivered: 1, rejected: 2, balanced: true })
  t.equal(sluice.output().split('a line is older than 14 days').length, 2, 'once')
  t.match(sluice.output(), /lines without a time of their own/)
  const [event] = aws.state.events(group, 'task1/error')
  t.ok((event?.timestamp ?? 0) >= beganMs)
})

t.test('without standard input the options that are about it are mistakes', async t => {
  for (const [option, value] of [['--time', 'line'], ['--source', 'stderr']] as const) {
    const sluice = startSluice(t, { args: [option, value] })
    t.equal(await sluice.exited, 64)
    t.match(sluice.output(), `expected --stdin with ${option} ${value}`)
  }
})

t.test('on a terminal it says how far it is, below its own lines, and leaves nothing of that behind', async t => {
  const directory = shortDirectory(t)
  const input = join(directory, 'access.log')
  writeFileSync(input, '{"status":200,"path":"/"}\n'.repeat(50_000))
  const main = resolve(import.meta.dirname, '../../src/main.ts')
  const command = `${process.execPath} ${main} --stdin < ${input}`
  const settings = { SLUICE_DATA_DIR: join(directory, 'data'), SLUICE_HTTP: 'off', SLUICE_HOST_ID: 'task1' }
  const { stdout } = await promisify(execFile)('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], SHELL: '/bin/sh', ...settings },
  })
  const clear = '\r\u001b[K'
  t.match(stdout, new RegExp(`${clear.replace('[', '\\[')}reads · \\d+ % of \\d+(\\.\\d)? MiB · .*lines?`))
  const shown = stdout.split(/\r?\n/).filter(line => /% of/.test(line.slice(line.lastIndexOf(clear))))
  t.same(shown, [], 'each is taken away')
  t.equal(deliveredLines(join(directory, 'data')).access.length, 50_000)
})
