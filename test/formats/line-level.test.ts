import t from 'tap'
import { createRandom } from '../support/access-lines.ts'
import { errorLines, errorLineVariant } from '../support/error-lines.ts'
import { readerOf } from '../support/error-reading.ts'

const levelOf = readerOf('level')
const readFields = readerOf('fields')
const lines = errorLines()

/** The line within others, so that a look outside of it finds what could matter. */
function within (line: Buffer): readonly [bytes: Buffer, start: number, end: number] {
  const before = Buffer.from('PHP Warning: ')
  const bytes = Buffer.concat([before, line, Buffer.from('Warning: "] ')])
  return [bytes, before.length, before.length + line.length]
}

function wrongLevel (line: Buffer): string | undefined {
  const place = within(line)
  const [found, expected] = [levelOf(...place), readFields(...place).level]
  return found === expected ? undefined : `${found}, not ${expected}: ${JSON.stringify(line.toString('latin1'))}`
}

t.test('the level of a line is that of its fields: each line of the captures, and many at once', async t => {
  t.same(lines.map(line => wrongLevel(Buffer.from(line, 'latin1'))).filter(each => each !== undefined), [])
  for (let at = 0; at < lines.length; at += 5) {
    const joined = lines.slice(at, at + 2 + at % 20).join('\n')
    t.equal(wrongLevel(Buffer.from(joined, 'latin1')), undefined)
  }
})

t.test('so it is of lines cut at any byte', async t => {
  const forms = new Map(lines.map(line => [line.slice(0, 60).replace(/\d+/g, '0').replace(/\w+/g, 'w'), line]))
  for (const line of forms.values()) {
    const bytes = Buffer.from(line, 'latin1')
    for (let end = 0; end < Math.min(bytes.length, 300); end++) {
      const wrong = wrongLevel(bytes.subarray(0, end))
      if (wrong !== undefined) t.fail(wrong)
    }
  }
  t.ok(forms.size > 50)
})

t.test('and of lines changed at random and put together anew', async t => {
  const random = createRandom(Number(process.env['SEED'] ?? 7))
  const levels = new Map<string, number>()
  for (let count = 0; count < Number(process.env['COUNT'] ?? 100_000); count++) {
    const line = errorLineVariant(lines, random)
    const wrong = wrongLevel(line)
    if (wrong !== undefined) t.fail(wrong)
    const level = String(levelOf(line, 0, line.length))
    levels.set(level, (levels.get(level) ?? 0) + 1)
  }
  t.equal(levels.size, 9, 'every level came, and none')
})
