import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { isError, lineOf } from '../../bench/lines.ts'
import { bucket, group, startWorld, storedTwice } from './aws-world.ts'

const count = 1_000_000
const load = resolve(import.meta.dirname, '../../bench/load.ts')

t.setTimeout(1_800_000)

t.test('of a million records none is lost, changed, repeated or misrouted on its way to CloudWatch Logs and S3', async t => {
  const { aws, start } = await startWorld(t)
  const sluice = start({
    SLUICE_STOP_DEADLINE: '9m',
    SLUICE_DELIVERY_REQUEST_TIMEOUT: '2m',
  })
  await sluice.printed(/"started"/)
  const sender = spawn(process.execPath, [
    load, '--socket', sluice.socketPath, '--count', String(count), '--connections', '3',
  ], { stdio: ['ignore', 'ignore', 'inherit'] })
  t.teardown(() => { sender.kill('SIGKILL') })
  t.same(await once(sender, 'close'), [0, null], 'all is sent')
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: count, delivered: count, pending: 0, dropped: 0, rejected: 0 })

  const found = new Uint8Array(count)
  const wrong: string[] = []
  const check = (text: string, isEvent: boolean) => {
    const sequence = Number(/seq(?:=|":")(\d{10})/.exec(text)?.[1])
    if (text !== lineOf(sequence) || isError(sequence) !== isEvent || found[sequence] !== 0) wrong.push(text)
    found[sequence] = 1
  }
  for (const { key, body } of aws.state.objects(bucket)) {
    if (!key.startsWith('access/')) wrong.push(key)
    for (const line of gunzipSync(body).toString().split('\n').slice(0, -1)) check(line, false)
  }
  for (const [, stream] of aws.state.streams()) {
    for (const { message } of aws.state.events(group, stream)) check(message, true)
  }
  t.same(wrong.slice(0, 5), [], `${wrong.length} lines are not what was sent, where it belongs, once`)
  t.equal(found.reduce((sum, each) => sum + each, 0), count)
  t.same(storedTwice(aws), [])
  t.same(aws.state.violations, [])
})
