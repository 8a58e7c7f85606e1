import { createAccessEncoder } from '../src/encode/access-encoder.ts'
import { createJsonRepairer } from '../src/repair/json-repair.ts'
import { createPlainAccess } from '../src/formats/apache-access.ts'
import { createRecord } from '../src/contracts/record.ts'
import { fixtureLines } from '../test/support/access-lines.ts'
import { createAccessVerdict } from '../test/support/verdicts.ts'
import { readArguments } from './arguments.ts'

readArguments(`Lines a second of CPU that are repaired, or read of plain formats, and heap
bytes a line.

  npm run bench -- repair
`, {})

const rounds = 11
const linesPerRound = 200_000

type Work = (bytes: Buffer, start: number, end: number) => number

function measure (name: string, lines: readonly Buffer[], work: Work): void {
  const bytes = Buffer.concat(lines)
  const ends: number[] = []
  let total = 0
  for (const line of lines) ends.push(total += line.length)
  let checksum = 0
  const round = () => {
    const before = process.cpuUsage()
    for (let index = 0; index < linesPerRound; index++) {
      const number = index % ends.length
      checksum += work(bytes, number === 0 ? 0 : ends[number - 1] as number, ends[number] as number)
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) * 1000 / linesPerRound
  }
  round()
  globalThis.gc?.()
  const heapBefore = process.memoryUsage().heapUsed
  const nsPerLine = Array.from({ length: rounds }, round).toSorted((a, b) => a - b)
  const heapPerLine = (process.memoryUsage().heapUsed - heapBefore) / (rounds * linesPerRound)
  const rate = (ns = 0) => (1000 / ns).toFixed(2).padStart(6)
  process.stdout.write(`${name.padEnd(34)} ${(total / lines.length).toFixed(0).padStart(5)} B  ` +
    `${rate(nsPerLine[0])} best, ${rate(nsPerLine[rounds >> 1])} median M lines/s  ${heapPerLine.toFixed(2).padStart(6)} heap B/line  (${checksum % 10})\n`)
}

const repairer = createJsonRepairer()
const repair: Work = (bytes, start, end) => {
  repairer.repair(bytes, start, end)
  return repairer.end + repairer.kinds
}
const isBroken = (line: Buffer) => repairer.repair(line, 0, line.length) === 'repaired' && repairer.kinds !== 0
const ordinary = (line: Buffer) => line.length < 1000
const f1 = fixtureLines('stdout.log').filter(ordinary)
measure('repair: F1, broken', f1.filter(isBroken), repair)
measure('repair: F1, valid', f1.filter(line => !isBroken(line)), repair)
measure('repair: F2 (bare values), broken', fixtureLines('access.f2.log').filter(ordinary).filter(isBroken), repair)
measure('repair: F3, broken', fixtureLines('access.f3.log').filter(ordinary).filter(isBroken), repair)
measure('repair: F1, the long ones', fixtureLines('stdout.log').filter(line => line.length > 4096), repair)

const combined = Array.from({ length: 1000 }, (_, index) => Buffer.from(
  `10.0.1.${index % 250} - - [23/Nov/2026:19:${String(index % 600 + 1000).slice(1, 3)}:07 +0000] ` +
  `"GET /payment/confirm?id=${index} HTTP/1.1" ` + '200 5316 "https://shop.example.jp/cart" "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"'))
const reader = createPlainAccess('auto')
measure('recognise: combined', combined, (bytes, start, end) => reader.read(bytes, start, end) ? 1 : 0)
const encoder = createAccessEncoder()
const record = createRecord()
const verdictOf = createAccessVerdict('auto')
measure('recognise, encode: combined', combined, (bytes, start, end) => {
  record.bytes = bytes
  record.start = start
  record.end = end
  encoder.encode(record, verdictOf(record))
  return encoder.end
})
