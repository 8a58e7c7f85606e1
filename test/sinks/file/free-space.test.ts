import t from 'tap'
import { requireFreeSpace } from '../../../src/sinks/file/free-space.ts'

t.test('a disk with less room than is to stay free takes nothing, and says which setting wants it', async t => {
  await t.rejects(requireFreeSpace(t.testdir(), Number.MAX_SAFE_INTEGER),
    { code: 'ERR_SINK_UNAVAILABLE', reason: 'disk_low', message: /file\.minFreeBytes.*found \d+/ })
  await requireFreeSpace(t.testdir(), 1)
})

t.test('nobody who wants nothing free is asked for', async t => {
  await requireFreeSpace('/no/such/directory', 0)
})
