import t from 'tap'
import { stream } from '../../src/contracts/record.ts'
import { createXdebugMemory } from '../../src/join/xdebug-memory.ts'

const web = { container: 'web', stream: stream.stderr }
const worker = { container: 'worker', stream: stream.stderr }

t.test('errors are held for frames until eight had none, each container by itself', async t => {
  const memory = createXdebugMemory()
  for (let count = 0; count < 8; count++) {
    t.ok(memory.mayFollow(web))
    memory.missed(web)
  }
  t.notOk(memory.mayFollow(web))
  t.ok(memory.mayFollow(worker))
  t.notOk(memory.mayFollow(web))
})

t.test('where frames came once, errors are always held for them', async t => {
  const memory = createXdebugMemory()
  memory.seen(web)
  for (let count = 0; count < 100; count++) memory.missed(web)
  t.ok(memory.mayFollow(web))
})

t.test('however many containers there are, it stays small, and asks again of those it has forgotten', async t => {
  const memory = createXdebugMemory()
  for (let count = 0; count < 8; count++) memory.missed(web)
  for (let count = 0; count < 64; count++) memory.missed({ container: `web${count}`, stream: stream.stderr })
  t.ok(memory.mayFollow(web))
})
