import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startAws } from '../support/aws/server.ts'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { observed } from '../support/operator.ts'
import { sendBytes } from '../support/sender.ts'
import { shortDirectory, startSluice, type SluiceProcess } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'
import { bucket, group } from './aws-world.ts'

t.setTimeout(600_000)

/** In every line that is sent, and in every secret. What Sluice says of itself may hold neither. */
const lineMark = 'Zq7line'
const secretMark = 'Zq7secret'
const marks = /Zq7/i

/** Lines that each stage of the inbound half has to look into, whole and broken. */
const texts = [
  `{"status":200,"path":"/${lineMark}","ua":"\\x${lineMark}"}`,
  `{"status":200,"path":"/${lineMark}`,
  `{"status":${lineMark},"path":"/"}{"status":200,"path":"/"}`,
  `{"status":200,"status":"${lineMark}","path":"/\\ud800${lineMark}"}`,
  `10.0.0.1 - ${lineMark} [23/Nov/2026:19:41:55 +0000] "GET /${lineMark}?password=${lineMark} HTTP/1.1" 200 1`,
  `PHP Fatal error:  Uncaught ${lineMark}: token ${lineMark} in /${lineMark}.php:1\nStack trace:\n#0 {main}\n  thrown in /x on line 1`,
  `[2026-11-23 10:00:00] ${lineMark}.CRITICAL: ${lineMark} {"exception":"[object] (${lineMark}(code: 0): ${lineMark}`,
  `{"message":"${lineMark}","level":"${lineMark}","context":{"password":"${lineMark}"}}`,
  `[Mon Nov 23 19:41:56.478262 2026] [php:error] [pid 1:tid 1] [client ${lineMark}:1] AH01071: Got error '${lineMark}', referer: ${lineMark}`,
  `[23-Nov-2026 19:38:39] WARNING: [pool ${lineMark}] child 24504 said into stderr: "${lineMark}`,
  `${lineMark}\u0000\u001b[31m\ufffd${'x'.repeat(20_000)}`,
]

const records: SentRecord[] = ['stdout', 'stderr', lineMark].flatMap(source =>
  texts.map(log => ({ timeMs: Date.now(), fields: { source, log, container_name: '/web', [lineMark]: lineMark } })))

/** Bytes on the log socket that are no frames, and frames that are not as they should be. */
const broken = [
  Buffer.from(`{"log":"${lineMark}"}`),
  Buffer.from(`GET /${lineMark} HTTP/1.1\r\n\r\n`),
  Buffer.concat([Buffer.from([0x93, 0xa3]), Buffer.from(lineMark)]),
  Buffer.concat([Buffer.from([0x93, 0xa1, 0x61, 0xc1]), Buffer.from(lineMark)]),
  // A record that is text, options that are text, compressed entries that are not compressed.
  Buffer.concat([Buffer.from([0x93, 0xa1, 0x61, 0x01, 0xa7]), Buffer.from(lineMark)]),
  Buffer.concat([Buffer.from([0x94, 0xa1, 0x61, 0x01, 0x80, 0xa7]), Buffer.from(lineMark)]),
  Buffer.concat([Buffer.from([0x93, 0xa1, 0x61, 0xc4, 9, 0x1f, 0x8b]), Buffer.from(lineMark), Buffer.from([0x80])]),
]

interface Watched {
  readonly sluice: SluiceProcess
  page (path: string): Promise<string>
  /** What it said so far: its log, and every page that it has. */
  said (): Promise<string>
}

type Env = Readonly<Record<string, string>>

async function watched (t: Test, env: Env, directory = shortDirectory(t)): Promise<Watched> {
  const sluice = startSluice(t, {
    directory, env: { ...observed, SLUICE_LOG_LEVEL: 'trace', SLUICE_JOIN_TRACES_MAX_QUIET: '10ms', ...env },
  })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const page = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  const paths = ['/health', '/health/live', '/health/ready', '/metrics', '/api/v1/health', '/none']
  return { sluice, page, said: async () => [sluice.output(), ...await Promise.all(paths.map(page))].join('\n') }
}

async function serve (t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close(); server.closeAllConnections() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const account = {
  accessKeyId: 'AKIDSLUICE',
  secretAccessKey: `${secretMark}-key`,
  sessionToken: `${secretMark}-token`,
  accountId: '123456789012',
}

t.test('no line and no credential is in what it says of itself, whatever comes and whatever AWS answers', async t => {
  const aws = await startAws({ buckets: [bucket], groups: [group], accounts: [account] })
  t.teardown(() => aws.close())
  const env = { ...aws.environment, SLUICE_BUCKET: bucket, SLUICE_LOG_GROUP: group }
  const { sluice, page, said } = await watched(t, env)
  for (const mode of ['denied', 'invalid', 'expired', 'kms'] as const) {
    aws.faults.set('s3', { mode, count: 3 })
    aws.faults.set('logs', { mode, count: 3 })
    await sendBytes(sluice.socketPath, forwardFrames('message', `${lineMark}-firelens-1`, records).bytes)
    await until('requests failed', () => page('/metrics'), text => text.includes('sluice_sink_requests_total'))
  }
  for (const bytes of broken) await sendBytes(sluice.socketPath, bytes)
  await until('frames were refused', () => page('/metrics'), text => /sluice_frames_refused_total\{[^}]*\} [1-9]/.test(text))
  const pages = await said()
  aws.faults.clear()
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
  t.equal(sluice.report().balanced, true)
  t.equal(sluice.report().received > 100, true)
  // The name of a container is what streams are called by, and no line.
  const shown = `${pages}\n${sluice.output()}`.replaceAll(new RegExp(`(container(?:=|": ))"${lineMark}"`, 'g'), '$1""')
  t.notMatch(shown.replaceAll(`${lineMark}/`, ''), marks)
})

t.test('an answer that repeats what was sent is not repeated', async t => {
  const echo = await serve(t, (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => { body += text }).on('end', () => {
      const isFirst = String(request.headers['x-amz-target']).endsWith('PutLogEvents')
      const type = isFirst ? 'NewKindOfException' : 'InvalidParameterException'
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': '1' })
      response.end(JSON.stringify({ __type: type, message: `Value ${body} failed to satisfy constraint` }))
    })
  })
  const garbled = await serve(t, (request, response) => {
    response.writeHead(200, { 'x-amzn-requestid': '1' })
    request.pipe(response)
  })
  for (const endpoint of [echo, garbled]) {
    const { sluice, page, said } = await watched(t, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDSLUICE',
      AWS_SECRET_ACCESS_KEY: `${secretMark}-key`,
      SLUICE_BUCKET: bucket,
      SLUICE_LOG_GROUP: group,
      SLUICE_OBJECTS_COMPRESSION: 'none',
      SLUICE_STOP_DEADLINE: '500ms',
    })
    await sendBytes(sluice.socketPath, forwardFrames('message', 'web', records).bytes)
    await until('both wait', () => page('/health'), text => (text.match(/"state": "paused"/g) ?? []).length > 1)
    const pages = await said()
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 75)
    t.notMatch(`${pages}\n${sluice.output()}`, marks, endpoint === echo ? 'in an error' : 'in a good answer')
  }
})

t.test('credentials that cannot be read are not shown', async t => {
  const answers = [`{"AccessKeyId":"AKID","SecretAccessKey":"${secretMark}`, secretMark]
  for (const answer of answers) {
    const endpoint = await serve(t, (_, response) => { response.end(answer) })
    const { sluice, page, said } = await watched(t, {
      AWS_REGION: 'us-east-1',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: `${secretMark}-authorization`,
      AWS_ENDPOINT_URL: endpoint,
      SLUICE_BUCKET: bucket,
      SLUICE_LOG_GROUP: group,
      SLUICE_STOP_DEADLINE: '500ms',
    })
    await sendBytes(sluice.socketPath, forwardFrames('message', 'web', records).bytes)
    await until('both wait', () => page('/health'), text => (text.match(/"state": "paused"/g) ?? []).length > 1)
    const pages = await said()
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 75)
    t.notMatch(`${pages}\n${sluice.output()}`, marks, answer)
  }
})

t.test('secrets of other programs in its settings are not shown, in a mistake neither', async t => {
  const directory = shortDirectory(t)
  const firelens = join(directory, 'fluent-bit.conf')
  const secrets = ['http_User', 'http_Passwd', 'Header Authorization'].map(name => `  ${name} ${secretMark}`)
  writeFileSync(firelens, ['[OUTPUT]', '  Name http', '  Match *', ...secrets, ''].join('\n'))
  const settings = { SLUICE_FIRELENS_CONFIG: firelens, SLUICE_PASSWORD: secretMark }
  const { sluice, said } = await watched(t, settings, directory)
  const pages = await said()
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
  t.match(sluice.output(), /not carried over: \[OUTPUT\] http/, 'it is named')
  t.notMatch(`${pages}\n${sluice.output()}`, marks)

  const check = startSluice(t, {
    args: ['check'],
    env: { ...settings, AWS_SECRET_ACCESS_KEY: secretMark, AWS_SESSION_TOKEN: secretMark },
  })
  t.equal(await check.exited, 0)
  t.notMatch(check.output(), marks)
})
