import { createRecord, stream } from '../../contracts/record.ts'
import type { AcceptAgain } from '../../pipeline/again.ts'
import { piecesOf, type ReplayCounts, type ReplayInput } from './input.ts'
import type { Progress, Rest } from './progress.ts'

export interface ReadOptions {
  readonly inputs: readonly ReplayInput[]
  readonly progress: Progress
  readonly counts: ReplayCounts
  readonly accept: AcceptAgain
  /** Ends the reading behind the piece that is taken. */
  readonly signal?: AbortSignal
  /**
   * Is given each piece that was not sent before.
   *
   * @param handOver accepts its records, and says whether each line of the input held one so far
   */
  readonly take: (handOver: () => boolean, input: ReplayInput, rest: Rest) => Promise<void>
}

/** Reads the inputs, one after the other, and counts. One that cannot be read, or taken, holds up no other. */
export async function readInputs ({ inputs, progress, counts, accept, signal, take }: ReadOptions): Promise<void> {
  const handOver = createHandOver(accept, counts)
  const isEnough = () => signal?.aborted === true
  for (const input of inputs) {
    if (isEnough()) return
    const { unreadable } = counts
    try {
      const rest = progress.restOf(() => piecesOf(input), input.deliveredBytes)
      for await (const piece of rest.pieces) {
        await take(() => {
          handOver(input, piece)
          return counts.unreadable === unreadable
        }, input, rest)
        if (isEnough()) return
      }
      counts.sentBefore += rest.skippedLines
      counts.inputs++
    } catch (error) {
      counts.failed.push({ name: input.name, words: (error as Error).message })
    }
  }
}

/** Accepts the records of a piece; lines that hold none are counted. */
function createHandOver (accept: AcceptAgain, counts: ReplayCounts) {
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
