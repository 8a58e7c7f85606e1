import { once } from 'node:events'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { clearStaleSocket } from '../../../src/sources/forward/stale-socket.ts'
import { shortDirectory } from '../../support/sluice-process.ts'

async function listenAt (t: Test, path: string) {
  const server = createServer().listen(path)
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return server
}

t.test('a socket that a killed process left is removed', async t => {
  const directory = shortDirectory(t)
  const path = join(directory, 'left.sock')
  const server = await listenAt(t, join(directory, 'first.sock'))
  // The server removes its socket by the path at which it made it.
  renameSync(join(directory, 'first.sock'), path)
  await new Promise(resolve => server.close(resolve))
  t.ok(existsSync(path))
  t.equal(await clearStaleSocket(path), 'none')
  t.notOk(existsSync(path))
})

t.test('one that answers stays, and so does a file', async t => {
  const directory = shortDirectory(t)
  const [socket, file] = [join(directory, 'a.sock'), join(directory, 'file')]
  await listenAt(t, socket)
  t.equal(await clearStaleSocket(socket), 'in_use')
  writeFileSync(file, 'somebody\'s')
  t.equal(await clearStaleSocket(file), 'not_a_socket')
  t.ok(existsSync(socket) && existsSync(file))
})

t.test('nothing there is nothing in the way', async t => {
  t.equal(await clearStaleSocket(join(shortDirectory(t), 'none.sock')), 'none')
})
