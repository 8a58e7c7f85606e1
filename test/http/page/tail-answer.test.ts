import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { Tail, TailReader } from '../../../src/contracts/tail.ts'
import { createTailAnswers } from '../../../src/http/page/tail-answer.ts'
import { until } from '../../support/until.ts'

async function setUp (t: Test) {
  const readers = new Set<TailReader>()
  const tail: Tail = {
    open (_wanted, reader) {
      readers.add(reader)
      return { missed: 0, close: () => readers.delete(reader) }
    },
  }
  const answers = createTailAnswers(tail)
  const everything = { class: undefined, level: undefined, text: undefined }
  const server = createServer((_request, response) => answers.send(response, everything))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const ask = async () => {
    const request = get({ port: (server.address() as AddressInfo).port, agent: false })
    request.on('error', () => undefined)
    const [answer] = await once(request, 'response') as [IncomingMessage]
    answer.on('error', () => undefined)
    return answer
  }
  return { readers, answers, ask }
}

t.test('a reader that takes nothing is refused lines, at a bound', async t => {
  const { readers, ask } = await setUp(t)
  const answer = await ask()
  answer.pause()
  const [reader] = readers
  const line = JSON.stringify('x'.repeat(4_000))
  let taken = 0
  // The system's buffers take some megabytes before ours begin to fill.
  while (taken < 100_000 && reader?.take(line) === true) taken++
  t.ok(taken < 100_000, `${taken} lines`)
  answer.destroy()
  await until('the reader is forgotten', () => readers.size, size => size === 0)
})

t.test('a reader beyond the eighth finds it full, until another goes', async t => {
  const { readers, answers, ask } = await setUp(t)
  const all = await Promise.all(Array.from({ length: 8 }, ask))
  t.equal(answers.isFull, true)
  all[0]?.destroy()
  await until('one has gone', () => readers.size, size => size === 7)
  t.equal(answers.isFull, false)
})
