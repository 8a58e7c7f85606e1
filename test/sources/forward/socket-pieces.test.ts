import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ReadMemory } from '../../../src/sources/forward/read-memory.ts'
import { SocketPieces } from '../../../src/sources/forward/socket-pieces.ts'

/** Both ends of a socket, of a server as the source makes it. */
async function connected (t: Test, memory = new ReadMemory()) {
  // What is written to a unix socket is there when the write returns. Its path must be short.
  const directory = mkdtempSync(join(tmpdir(), 'pieces-'))
  const path = join(directory, 'socket')
  const server = createServer({ highWaterMark: 1, allowHalfOpen: true })
  server.listen(path)
  await once(server, 'listening')
  const sender = connect(path)
  const [socket] = await once(server, 'connection') as [Socket]
  t.teardown(async () => {
    sender.destroy()
    socket.destroy()
    server.close()
    rmSync(directory, { recursive: true })
  })
  return { sender, socket, memory, pieces: new SocketPieces(socket, memory) }
}

/** What is taken next, as text, and whether the event loop had to bring it. */
async function next (pieces: SocketPieces) {
  const isThere = pieces.waitingBytes > 0
  if (!await pieces.arrive()) return undefined
  const piece = pieces.take()
  if (piece === undefined) return undefined
  const text = piece.toString()
  pieces.free(piece)
  return { text, isThere }
}

async function written (sender: Socket, text: string): Promise<void> {
  await new Promise<void>(resolve => { sender.write(text, () => resolve()) })
}

t.test('what came during a pause is read at once, without the event loop, and all of it in order', async t => {
  const { sender, pieces } = await connected(t)
  await written(sender, 'one')
  t.same(await next(pieces), { text: 'one', isThere: false })
  for (const text of ['two', 'three', 'four']) {
    await written(sender, text)
    t.equal(pieces.readNow(), true)
    pieces.done()
    t.same(await next(pieces), { text, isThere: true })
  }
  t.equal(pieces.readNow(), false)
  pieces.done()
  t.equal(pieces.waitingBytes, 0, 'nothing came: the event loop waits for it')
  const later = next(pieces)
  await written(sender, 'five')
  t.same(await later, { text: 'five', isThere: false })
  pieces.done()
  await written(sender, 'six')
  t.match(await next(pieces), { text: 'six' })
})

t.test('the end is told after a pause as well', async t => {
  const { sender, pieces } = await connected(t)
  await written(sender, 'one')
  await next(pieces)
  sender.end('last')
  await once(sender, 'finish')
  t.equal(pieces.readNow(), true)
  pieces.done()
  t.match(await next(pieces), { text: 'last' })
  t.equal(pieces.readNow(), undefined)
  pieces.done()
  t.equal(await next(pieces), undefined)
})

t.test('more than the memory holds comes in several pieces', async t => {
  const { sender, pieces } = await connected(t)
  await written(sender, 'a')
  await next(pieces)
  const text = 'b'.repeat(150_000)
  const sent = written(sender, text)
  let got = ''
  while (got.length < text.length) {
    pieces.readNow()
    pieces.done()
    got += (await next(pieces))?.text ?? ''
  }
  await sent
  t.equal(got, text)
})

t.test('a socket that was closed in the pause gives nothing more', async t => {
  const { sender, socket, pieces } = await connected(t)
  await written(sender, 'one')
  await next(pieces)
  await written(sender, 'two')
  socket.destroy()
  t.equal(pieces.readNow(), undefined)
  pieces.done()
  t.equal(await next(pieces), undefined)
  pieces.close()
  pieces.close()
})

t.test('memory that is in use is nobody else\'s', async t => {
  const memory = new ReadMemory()
  const [first, second] = [memory.take(), memory.take()]
  t.not(first, second)
  memory.give(second)
  t.equal(second.length, 0, 'given back to the system')
  t.not(memory.take(), first)
  memory.give(first)
  t.equal(memory.take(), first)
})
