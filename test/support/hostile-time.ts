import type { Test } from 'tap'
import { Redactor } from '../../src/redact/redactor.ts'
import { usualRedaction } from './usual-redaction.ts'
import { leastCpuMs } from './cpu-time.ts'

const redactor = new Redactor(usualRedaction)
const lineBytes = 1 << 17

/** Tests that no line made of a piece again and again, as text or as JSON, takes `mostMs` of CPU. */
export function testHostile (t: Test, pieces: readonly string[], mostMs = 100): void {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece.repeat(lineBytes / Buffer.byteLength(piece)))
    for (const isJson of [false, true]) {
      const leastMs = leastCpuMs(() => { redactor.redact(bytes, 0, bytes.length, isJson) }, mostMs)
      t.ok(leastMs < mostMs, `${piece}: ${leastMs.toFixed(1)} ms for 128 KiB`)
    }
  }
}
