import t from 'tap'
import { HeldClient } from '../../../src/sinks/aws/held-client.ts'

/** Clients by number, and a note of each that was destroyed. */
function countingClients () {
  const destroyed: number[] = []
  let made = 0
  const held = new HeldClient(async () => {
    const number = ++made
    return { number, destroy: () => { destroyed.push(number) } }
  })
  return { held, destroyed, made: () => made }
}

const numberOf = async ({ number }: { readonly number: number }) => number

t.test('one client is made, when it is first wanted, and used by all', async t => {
  const { held, made } = countingClients()
  t.equal(made(), 0)
  held.warm()
  t.same(await Promise.all([held.use(numberOf), held.use(numberOf)]), [1, 1])
  t.equal(made(), 1)
})

t.test('a client that could not be made is tried again by the next use', async t => {
  let attempts = 0
  const held = new HeldClient(async () => {
    if (++attempts === 1) throw new Error('no region')
    return { destroy: () => undefined }
  })
  held.warm()
  await t.rejects(held.use(async () => undefined), { message: 'no region' })
  t.equal(await held.use(async () => 'ok'), 'ok')
  held.close()
})

t.test('a forgotten client ends with its last use, and the next use has another', async t => {
  const { held, destroyed } = countingClients()
  const first = Promise.withResolvers<undefined>()
  const begun = Promise.withResolvers<undefined>()
  const using = held.use(async client => {
    begun.resolve(undefined)
    await first.promise
    return client.number
  })
  await begun.promise
  held.forget()
  held.forget()
  t.equal(await held.use(numberOf), 2)
  t.same(destroyed, [])
  first.resolve(undefined)
  t.equal(await using, 1)
  await null
  t.same(destroyed, [1])
})

t.test('closing ends the client at once; safe twice', async t => {
  const { held, destroyed, made } = countingClients()
  held.close()
  t.equal(made(), 0, 'nothing is made only to be destroyed')
  await held.use(async () => held.close())
  await held.use(async () => undefined)
  held.close()
  held.close()
  await new Promise(setImmediate)
  t.same(destroyed, [1, 2])
})
