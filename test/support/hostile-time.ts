import type { Test } from 'tap'
import { Redactor } from '../../src/redact/redactor.ts'
import { usualRedaction } from './usual-redaction.ts'

const redactor = new Redactor(usualRedaction)
const lineBytes = 1 << 17

/** Tests that no line made of a piece again and again, as text or as JSON, takes `mostMs` of CPU. */
export function testHostile (t: Test, pieces: readonly string[], mostMs = 100): void {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece.repeat(lineBytes / Buffer.byteLength(piece)))
    for (const isJson of [false, true]) {
      let leastMs = Infinity
      for (let round = 0; round < 2; round++) {
        const start = process.cpuUsage()
        redactor.redact(bytes, 0, bytes.length, isJson)
        leastMs = Math.min(leastMs, process.cpuUsage(start).user / 1000)
      }
      t.ok(leastMs < mostMs, `${piece}: ${leastMs.toFixed(1)} ms for 128 KiB`)
    }
  }
}
