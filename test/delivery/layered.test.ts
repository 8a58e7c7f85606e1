import t from 'tap'
import { layered } from '../../src/delivery/layered.ts'
import type { Batch, Layer } from '../../src/contracts/sink.ts'

t.test('the first layer is the outermost', async t => {
  const seen: string[] = []
  const named = (name: string): Layer => next => async (batch, signal) => {
    seen.push(`${name} before`)
    const rejections = await next(batch, signal)
    seen.push(`${name} after`)
    return rejections
  }
  const send = layered(async () => { seen.push('send'); return [] }, named('a'), named('b'))
  await send({} as Batch, new AbortController().signal)
  t.same(seen, ['a before', 'b before', 'send', 'b after', 'a after'])
})
