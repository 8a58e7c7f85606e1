import { createRecord, stream } from '../../contracts/record.ts'
import type { AcceptAgain } from '../../pipeline/again.ts'
import type { ReplayCounts, ReplayInput } from './input.ts'

/** Hands over the records of a piece; lines that hold none are counted. */
export function createPieceReader (accept: AcceptAgain, counts: ReplayCounts) {
  const record = createRecord()
  return (input: ReplayInput, piece: Buffer): void => {
    for (const line of piece.toString().split('\n')) {
      if (line === '') continue
      const read = input.readLine(line)
      if (read === undefined) {
        counts.unreadable++
        continue
      }
      record.bytes = Buffer.from(read.text)
      record.end = record.bytes.length
      record.timeMs = read.timeMs
      record.container = read.container
      record.stream = read.route === 'error' ? stream.stderr : stream.stdout
      accept(record, read.route)
      counts.records++
    }
  }
}

// Tested in test/e2e/replay.test.ts
