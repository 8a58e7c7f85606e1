/**
 * Loaded before the program (`--import`): its wall clock is off by so many ms as the file STEPPED_CLOCK says, from a
 * moment after that was written. Nothing else is: monotonic time and timers go on as they were.
 */
import { readFileSync } from 'node:fs'

const lookMs = 20
const SystemDate = Date
let offsetMs = 0

class SteppedDate extends SystemDate {
  constructor (...given: [] | [number]) {
    if (given.length === 0) super(SystemDate.now() + offsetMs)
    else super(...given)
  }

  static override now (): number {
    return SystemDate.now() + offsetMs
  }
}

function look (): void {
  try {
    offsetMs = Number(readFileSync(process.env['STEPPED_CLOCK'] ?? '', 'utf8'))
  } catch {
    // Nobody has stepped it yet.
  }
}

look()
setInterval(look, lookMs).unref()
globalThis.Date = SteppedDate as DateConstructor
