import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { observed } from '../support/operator.ts'
import { startSluice } from '../support/sluice-process.ts'

const seed = Number(process.env['SEED'] ?? 20261128)
const count = Number(process.env['COUNT'] ?? 3_000)

/** Numbers below a limit, the same for the same seed (a linear congruential generator). */
function randomOf (seed: number): (limit: number) => number {
  let state = seed >>> 0
  return limit => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * limit)
  }
}

const good = [
  'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'GET /metrics HTTP/1.0\r\n\r\n',
  'POST /health HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'GET /%7e?a=%zz&__proto__[x]=1 HTTP/1.1\r\nhost: [::1]:1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  'HEAD /api/v1/uptime HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: keep-alive\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\norigin: http://evil.example\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
]

/** Noise, or a request in which a few places were changed, cut out, doubled or filled with other bytes. */
function mutated (random: (limit: number) => number): Buffer {
  if (random(4) === 0) return Buffer.from(Array.from({ length: 1 + random(2_000) }, () => random(256)))
  let bytes = Buffer.from(good[random(good.length)] ?? '', 'latin1')
  for (let change = random(5); change > 0; change--) {
    const at = random(bytes.length + 1)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    switch (random(4)) {
      case 0: bytes = Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)]); break
      case 1: bytes = Buffer.concat([before, after.subarray(random(20))]); break
      case 2: bytes = Buffer.concat([bytes, after]); break
      default: bytes = Buffer.concat([before, Buffer.alloc(random(3_000), random(256)), after])
    }
  }
  return bytes
}

t.test(`${count} malformed requests get no look inside, and the next good one its answer (seed ${seed})`, async t => {
  const sluice = startSluice(t, { env: observed })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const random = randomOf(seed)
  const inside = /\n +at |node:internal|node_modules|\.ts:\d|\.cjs:\d|access-control-allow/i
  let answeredCount = 0

  async function send (bytes: Buffer, aborts: boolean): Promise<void> {
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('error', () => undefined).setEncoding('latin1').on('data', (text: string) => { answer += text })
    const closed = once(socket, 'close')
    if (aborts) {
      socket.write(bytes)
      await once(socket, 'ready').catch(() => undefined)
      socket.destroy()
    } else socket.end(bytes)
    await closed
    if (answer !== '') answeredCount++
    const isStrict = answer === '' || answer.includes('x-content-type-options: nosniff') || answer.startsWith('HTTP/1.1 100')
    if (inside.test(answer) || !isStrict) t.fail(answer.slice(0, 500), { sent: bytes.toString('latin1').slice(0, 500) })
  }

  for (let sent = 0; sent < count; sent += 20) {
    await Promise.all(Array.from({ length: 20 }, async () => await send(mutated(random), random(10) === 0)))
  }
  t.comment(`${answeredCount} were answered`)
  t.ok(answeredCount > count / 4, 'most are answered')
  t.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200)
  t.notMatch(sluice.output(), /"level":"(error|fatal)"/)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
})
