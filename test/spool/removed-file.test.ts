import t from 'tap'
import { openTestSpool, spoolFiles } from './open-test-spool.ts'

t.test('of a file that was removed, nothing that a seal writes is told to be stored', async t => {
  // However soon somebody asks after the seal has begun.
  for (let later = 0; later < 40; later++) {
    const { append, disk, clock, spool, ledger } = await openTestSpool()
    append('first')
    await spool.stored()
    await disk.remove(`/data/host/spool/${spoolFiles(disk)[0]}`)
    await clock.advance(1_500)
    append('second')
    const sealed = spool.sealAll()
    for (let turn = 0; turn < later; turn++) await undefined
    t.equal(await spool.stored() && ledger.snapshot().dropped.total > 1, false)
    await sealed
    await clock.advance(1_000)
    t.match(ledger.snapshot(), { dropped: { total: 1 }, pending: { total: 1 } })
    await spool.close()
  }
})
