import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Aws } from '../support/aws/server.ts'
import { cardNumbers, encodings } from '../support/cards.ts'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { sendBytes } from '../support/sender.ts'
import { startSluice } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'
import { bucket, group, startWorld } from './aws-world.ts'

t.setTimeout(600_000)

const secret = 'Zq7hunter'
const numbers = cardNumbers.slice(0, 4)
/** What may come out nowhere: each number in each encoding, and any piece of a secret. */
const forbidden: readonly string[] = [...numbers.flatMap(number => encodings.map(encode => encode(number))), 'Zq7', 'hunter']

/** What an application should not write, in lines that each stage has to look into. */
const texts = numbers.flatMap((number, index) => encodings.slice(0, 7).flatMap(encode => {
  const pan = encode(number)
  const query = `?pan=${pan}&user_password=${secret}&cvv=123`
  return [
    `{"status":200,"method":"GET","path":"/a","query":"${query}","dbPassword":"${secret}","referer":"https://u:${secret}@h/"}`,
    `{"status":-,"path":"/\\x41","query":"${query}"}`,
    `{"status":200,"path":"/","query":"${query}`,
    `10.0.0.1 - - [23/Nov/2026:19:41:55 +0000] "GET /a${query} HTTP/1.1" 200 1 "https://h/${query}" "x"`,
    `{"message":"card ${pan}","level":${index * 200},"context":{"token":["${secret}"]}}`,
    `card ${pan} password: ${secret},${secret}`,
    `PHP Fatal error:  Uncaught E: card ${pan} of mysql://u:${secret}@h in /a.php:1\nStack trace:\n#0 pay('${pan}')\n  thrown in /a.php on line 1`,
    `[Mon Nov 23 19:41:56.478262 2026] [php:error] [pid 1:tid 1] [client 10.0.0.9:1] PHP Warning:  ${pan} token=${secret} in /a.php on line 3`,
    `[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: "NOTICE: PHP message: {\\"password\\":\\"${secret}\\",${pan}}"`,
    `Array\n(\n    [password] => ${secret}\n    [pan] => ${pan}\n)`,
    `${'x '.repeat(70_000)}"password":"${secret} ${'y '.repeat(40_000)} ${pan} ${secret}", z`,
  ]
}))

const hourAgo = 3_600_000
const record = (fields: SentRecord['fields'], ageMs = 0): SentRecord => ({ timeMs: Date.now() - ageMs, fields })
const records: readonly SentRecord[] = [
  ...['stdout', 'stderr'].flatMap(source => texts.map(log => record({ source, log, container_name: '/web' }))),
  // Without a line; with a line in a key of another name; more often than is wanted; too old for CloudWatch Logs.
  ...numbers.map(number => record({ pan: number, [number]: 'x', user_password: secret, note: `token=${secret}`, container_name: '/web' })),
  ...Array.from({ length: 20 }, () => record({ source: 'stderr', log: `PHP Warning:  ${numbers[0]} token=${secret} in /s.php on line 9`, container_name: '/web' })),
  ...numbers.map(number => record({ source: 'stderr', log: `PHP Notice:  ${number} token=${secret}`, container_name: '/web' }, 20 * 24 * hourAgo)),
  ...numbers.map(number => record({ source: 'stdout', log: 'words', container_name: `/${number}` })),
]

const yaml = `
error: {format: json, copyToS3: true}
storms: {divert: true, count: 5}
routes: {mine: {to: s3}, app: {copyTo: [mine]}}
rules:
  - {name: renamed, when: {class: [access, app]}, rename: {dbPassword: note, query: trace_id, context: request_id}, add: {env: prod}}
  - {name: worse, when: {class: error}, level: error, rename: {context: trace}}
`

function readAll (aws: Aws, dataDir: string): string[] {
  const objects = aws.state.objects(bucket)
    .map(({ key, body }) => `${key}\n${(key.endsWith('.gz') ? gunzipSync(body) : body).toString()}`)
  const events = aws.state.streams()
    .flatMap(([name, stream]) => [stream, ...aws.state.events(name, stream).map(({ message }) => message)])
  const files = globSync('**/*', { cwd: dataDir }).map(path => `${path}\n${contentOf(join(dataDir, path))}`)
  return [...objects, ...events, ...files]
}

/** Empty where there is no such file, or none any more. */
function contentOf (path: string): string {
  try {
    return readFileSync(path).toString('latin1')
  } catch {
    return ''
  }
}

/** What is found of what may come out nowhere, with what is around it. */
function leaks (outputs: readonly string[]): string[] {
  return outputs.flatMap(text => forbidden.flatMap(word => {
    const at = text.indexOf(word)
    return at < 0 ? [] : [text.slice(Math.max(0, at - 150), at + 100)]
  }))
}

t.test('what goes in as a card number or a secret comes out nowhere: objects, events, letters, spool, log, pages, tail, replay', async t => {
  const { aws, start } = await startWorld(t)
  const sluice = start({
    SLUICE_CONFIG_YAML: yaml, SLUICE_LOG_LEVEL: 'trace', SLUICE_HTTP_DETAIL: 'full', SLUICE_HTTP_PAGE: 'samples', SLUICE_STORMS_WINDOW: '2s',
  })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const page = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  const tail: string[] = []
  const reading = get(`http://127.0.0.1:${port}/page/tail`, response => response.on('data', (chunk: Buffer) => tail.push(chunk.toString())))
  t.teardown(() => reading.destroy())
  await until('the tail is read', async () => tail.join(''), text => text !== '')
  // A spool that cannot be delivered can be looked at.
  aws.faults.set('s3', { mode: 'denied', count: 3 })
  for (const carrier of ['message', 'gzip'] as const) await sendBytes(sluice.socketPath, forwardFrames(carrier, 'web', records).bytes)
  await sendBytes(sluice.socketPath, forwardFrames('message', `${numbers[0]}-firelens-1`, records.slice(0, 3)).bytes)
  await until('all came', () => page('/metrics'), text => /sluice_records_received_total\{[^}]*\} [1-9]\d{3}/.test(text))
  const spooled = readAll(aws, sluice.dataDir)
  const pages = await Promise.all(['/', '/health', '/metrics', '/page/status', '/health/ready'].map(page))
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output().slice(-2000))
  t.match(sluice.report(), { balanced: true })
  t.ok(sluice.report().rejected > 0, 'there are dead letters')
  const stored = readAll(aws, sluice.dataDir)
  t.ok(stored.length > 100)
  t.match(stored.join('\n'), /repeated [\d,]+ times/, 'a storm was summed up')
  t.match(tail.join(''), /redacted/)

  const replay = start({}, ['replay', join(sluice.dataDir, 'task1/dead-letter')])
  await replay.exited
  const replayed = readAll(aws, sluice.dataDir)
  const outputs = { spooled, stored, replayed, pages, log: [sluice.output(), replay.output()], tail }
  for (const [name, found] of Object.entries(outputs)) t.same(leaks(found).slice(0, 3), [], name)
  t.match(aws.state.streams().map(([name]) => name), [group])
})

t.test('neither do they in what explain says of a file', async t => {
  const path = join(t.testdir({}), 'lines.log')
  writeFileSync(path, texts.join('\n'))
  for (const args of [[], ['--summary'], ['--json'], ['--source', 'stderr']]) {
    const explain = startSluice(t, { args: ['explain', ...args, path], env: { SLUICE_CONFIG_YAML: yaml } })
    await explain.exited
    t.ok(explain.output().length > 500, explain.output().slice(0, 500))
    t.same(leaks([explain.output()]).slice(0, 3), [], args.join(' '))
  }
})
