import { Writable } from 'node:stream'
import type { Clock } from '../contracts/clock.ts'
import { bytes, countOf, duration, numeral } from '../telemetry/words.ts'
import { columnsOf, type Screen } from './wrap.ts'

export interface ProgressOptions {
  /** Where the line of progress stands; none is shown unless it is a terminal. */
  readonly output: (Writable & Screen) | undefined
  /** What there is to read in all; undefined where nobody knows. */
  readonly totalBytes: number | undefined
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>
}

/** How far the work is. */
export interface Step {
  /** In a word or two: `reads`. */
  readonly phase: string
  readonly readBytes?: number
  readonly records?: number
  /** Records that are still to be delivered. */
  readonly waiting?: number
}

/** One line of a terminal that is drawn anew, below all that is written above it. */
export interface Progress {
  /** Draws what `step` says, now and once a second. */
  show (step: () => Step): void
  /** A stream that writes to `stream`, each text above the line. */
  below (stream: Writable): Writable
  /** Takes the line away, for good. */
  end (): void
}

const drawEveryMs = 500
/** Takes the line away that the cursor is in, and puts the cursor at its beginning. */
const clear = '\r\u001b[K'

export function createProgress ({ output, totalBytes, clock }: ProgressOptions): Progress | undefined {
  if (output?.isTTY !== true) return undefined
  const terminal = output
  const ended = new AbortController()
  let step: (() => Step) | undefined
  let startedMs = clock.monotonicMs()

  function draw (): void {
    if (step === undefined || ended.signal.aborted) return
    const text = stepText(step(), { totalBytes, passedMs: clock.monotonicMs() - startedMs })
    terminal.write(`${clear}${text.slice(0, columnsOf(terminal) - 1)}`)
  }

  async function drawOn (): Promise<void> {
    while (!ended.signal.aborted) {
      draw()
      await clock.sleep(drawEveryMs, ended.signal)
    }
  }

  return {
    show (next) {
      const isFirst = step === undefined
      step = next
      startedMs = clock.monotonicMs()
      if (isFirst) void drawOn()
    },
    below (stream) {
      const above = new Writable({
        decodeStrings: false,
        write (text: string, _encoding, done) {
          if (step !== undefined && !ended.signal.aborted) terminal.write(clear)
          stream.write(text)
          draw()
          done()
        },
      })
      stream.on('error', error => above.emit('error', error))
      return above
    },
    end () {
      if (ended.signal.aborted) return
      ended.abort()
      if (step !== undefined) terminal.write(clear)
    },
  }
}

interface Measure { readonly totalBytes: number | undefined, readonly passedMs: number }

function stepText ({ phase, readBytes = 0, records, waiting }: Step, { totalBytes, passedMs }: Measure): string {
  const part = totalBytes === undefined || totalBytes <= 0 ? undefined : Math.min(1, readBytes / totalBytes)
  const perSecond = readBytes / Math.max(1, passedMs) * 1000
  const leftMs = part === undefined || part === 0 ? undefined : passedMs / part - passedMs
  return [
    phase,
    ...(part === undefined ? [bytes(readBytes)] : [`${Math.floor(part * 100)} % of ${bytes(totalBytes ?? 0)}`]),
    ...(part === 1 ? [] : [`${bytes(perSecond)}/s`]),
    ...(records === undefined ? [] : [countOf(records, 'line')]),
    ...(waiting === undefined ? [] : [`${numeral(waiting)} to deliver`]),
    ...(leftMs === undefined || part === 1 ? [] : [`${duration(leftMs)} left`]),
  ].join(' · ')
}
