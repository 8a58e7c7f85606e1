import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t, { type Test } from 'tap'
import { oneAtATime } from '../../src/http/one-at-a-time.ts'
import { until } from '../support/manual-clock.ts'

async function serve (t: Test) {
  const open: ServerResponse[] = []
  const paths: string[] = []
  const server = createServer(oneAtATime(3, (request, response) => {
    open.push(response)
    paths.push(request.url ?? '')
  })).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const ask = (...wanted: string[]) => socket.write(wanted.map(path => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''))
  return { socket, ask, open, paths }
}

t.test('requests sent in advance wait for the answer before, in their order', async t => {
  const { socket, ask, open, paths } = await serve(t)
  ask('/1', '/2', '/3')
  let answers = ''
  socket.setEncoding('latin1').on('data', (text: string) => { answers += text })
  for (const expected of [['/1'], ['/1', '/2'], ['/1', '/2', '/3']]) {
    await until(() => open.length > 0)
    t.same(paths, expected)
    open.pop()?.end(`answer to ${paths.at(-1)}`)
  }
  await until(() => answers.includes('answer to /3'))
  t.match(answers, /answer to \/1.*answer to \/2.*answer to \/3/s)
  ask('/4')
  await until(() => open.length > 0)
  t.same(paths.at(-1), '/4', 'the connection goes on')
})

t.test('one more than may be open closes the connection, and none of those that wait is made', async t => {
  const { socket, ask, open, paths } = await serve(t)
  const closed = once(socket, 'close')
  ask('/1', '/2', '/3', '/4', '/5')
  await closed
  open[0]?.end()
  await until(() => open[0]?.destroyed === true)
  t.same(paths, ['/1'])
})

t.test('requests that wait end with their connection', async t => {
  const { socket, ask, open, paths } = await serve(t)
  ask('/1', '/2')
  await until(() => open.length > 0)
  socket.destroy()
  await until(() => open[0]?.destroyed === true)
  t.same(paths, ['/1'])
})
