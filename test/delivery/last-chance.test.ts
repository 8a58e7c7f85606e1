import t from 'tap'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Batch } from '../../src/contracts/sink.ts'
import { createLastChance } from '../../src/delivery/last-chance.ts'
import { ManualClock } from '../support/manual-clock.ts'

const never = new AbortController().signal
const lines = ['{"t":1,"c":"web","m":"a"}', 'no json'].map(line => `${line}\n`).join('')
const batch = { lines: Buffer.from(lines), records: 2 } as Batch

t.test('every record is refused by reason stop, when its letter is stored', async t => {
  const stored: string[] = []
  const store = async (text: Buffer) => { stored.push(text.toString()) }
  const send = createLastChance({ route: 'error', store, clock: new ManualClock() })
  t.same(await send(batch, never), [{ index: 0, reason: 'stop' }, { index: 1, reason: 'stop' }])
  t.match(stored.join('').split('\n').slice(0, -1).map(line => JSON.parse(line) as unknown), [
    { time: /^2026-11-23T/, route: 'error', reason: 'stop', record: { t: 1, c: 'web', m: 'a' } },
    { route: 'error', reason: 'stop', record: 'no json' },
  ])
})

t.test('nothing is refused of which no letter is stored', async t => {
  const store = async () => { throw new SluiceError('ERR_SINK_UNAVAILABLE', 'no') }
  const send = createLastChance({ route: 'error', store, clock: new ManualClock() })
  await t.rejects(send(batch, never), { code: 'ERR_SINK_UNAVAILABLE' })
})
