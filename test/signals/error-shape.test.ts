import t from 'tap'
import { createErrorReading } from '../../src/formats/error-reading.ts'
import { shapeOfError } from '../../src/signals/error-shape.ts'
import { errorLines } from '../support/error-lines.ts'

const shapeOf = (text: string) => shapeOfError(Buffer.from(`7${text}7`), 1, text.length + 1)

t.test('lines that differ in numbers have one shape; what names the error makes another', async t => {
  const line = (time: string, pid: number, code: string) => `[Mon Nov 23 ${time} 2026] [core:error] [pid ${pid}] ${code}: at 1.2.3.4:5`
  t.equal(shapeOf(line('19:41:53.1', 7, 'AH00161')), shapeOf(line('01:02:03.999999', 12_345, 'AH00161')))
  t.not(shapeOf(line('19:41:53.1', 7, 'AH00161')), shapeOf(line('19:41:53.1', 7, 'AH00484')))
  t.not(shapeOf('[id "942100"]'), shapeOf('[id "942101"]'), 'a rule of ModSecurity')
  t.not(shapeOf('E1: x'), shapeOf('E2: x'))
  t.equal(shapeOf('{"level":400}'), -1)
  t.equal(shapeOf('x'.repeat(5_000)), -1)
})

t.test('genuine lines of one shape have one fingerprint, one origin and one level', async t => {
  const told = new Map<number, string>()
  const reading = createErrorReading()
  let sameCount = 0
  for (const line of errorLines()) {
    const bytes = Buffer.from(line, 'latin1')
    reading.begin(bytes, 0, bytes.length)
    const { fingerprint, origin, level } = reading.fields
    const words = [fingerprint, origin, level].join(' ')
    const shape = shapeOfError(bytes, 0, bytes.length)
    if (shape >= 0 && told.has(shape)) {
      sameCount++
      t.equal(told.get(shape), words, bytes.toString())
    }
    told.set(shape, words)
  }
  t.ok(sameCount > 50, String(sameCount))
})
