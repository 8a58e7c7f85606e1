import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { SealedSegment } from '../../src/spool/sealed-segment.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

t.test('a sealed segment takes less than half a KiB of memory, so that quotas are full before memory is', async t => {
  const count = 40_000
  const heapBytes = () => {
    for (let round = 0; round < 3; round++) collect()
    return process.memoryUsage().heapUsed
  }
  const segments: SealedSegment[] = []
  const before = heapBytes()
  for (let n = 0; n < count; n++) {
    const container = `shop-production-web-${n}`
    const id = `2026112310-${'a'.repeat(32)}-${n}-1-${(n * 99_991).toString(16).padStart(8, '0').slice(-8)}`
    const path = `/var/lib/sluice/0123456789abcdef0123456789abcdef/spool/error/${container}/${id}.ndjson`
    segments.push(new SealedSegment({ route: 'error', container, id, path, bytes: 30, firstAcceptedMs: n / 3, isVerified: true }))
  }
  const each = (heapBytes() - before) / count
  t.ok(each < 400, `${Math.round(each)} bytes each`)
  t.equal(segments.length, count)
})
