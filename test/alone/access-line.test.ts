import t from 'tap'
import { isError, lineOf } from '../../bench/lines.ts'
import { createWay, framesOf, plainLoop } from '../../bench/way.ts'
import { countAllocations } from '../support/allocations.mjs'

const lineCount = 10_000
const warmRounds = 40
const rounds = 15

/** The smallest object takes 16 bytes; what is made for a read of 64 KiB, about one for a line. */
const mostBytesOfLine = 8
/** It is 3 to 5, of a line that has about 650 bytes with its frame; by the fast path 0.7. */
const mostTimesPlainLoop = { slow: 8.5, fast: 1.5 }

const lines = Array.from({ length: 2 * lineCount }, (_, sequence) => sequence)
  .filter(sequence => !isError(sequence)).slice(0, lineCount).map(lineOf)
const frames = framesOf('stdout', lines)
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const title = 'an ordinary access line makes no object on its way in, and costs'
for (const isFast of [false, true]) {
  t.test(`${title} ${isFast ? 'no more than' : 'a few times as much as'} to look at its bytes`, async t => {
    const way = createWay(isFast)
    const cpuOf = (work: () => unknown) => {
      const before = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    // Enough that sums are beyond 31 bits, at which numbers become objects where they may.
    for (let round = 0; round < warmRounds; round++) t.equal(way(frames), lineCount)
    const bytesOfLine: number[] = []
    const ratios: number[] = []
    for (let round = 0; round < rounds; round++) {
      const end = countAllocations()
      const ownUs = cpuOf(() => way(frames))
      bytesOfLine.push(end() / lineCount)
      // In turns, so that a machine that is slow is so for both.
      ratios.push(ownUs / cpuOf(() => plainLoop(frames)))
    }
    t.ok(median(bytesOfLine) < mostBytesOfLine, `${median(bytesOfLine)} bytes of heap a line`)
    t.ok(median(ratios) < mostTimesPlainLoop[isFast ? 'fast' : 'slow'], `${median(ratios)} times a plain loop`)
  })
}
