import fc from 'fast-check'
import t from 'tap'
import { createAppErrors } from '../../src/classify/app-errors.ts'
import { errorLevels } from '../../src/contracts/levels.ts'
import { isBelow, levelOfName, levelOfNumber, namesFrom } from '../../src/formats/level.ts'
import { readerOf } from '../support/error-reading.ts'

const levelOf = readerOf('level')

/** Within other bytes, so that a look outside of the line finds what could matter. */
function within (text: string): readonly [bytes: Buffer, start: number, end: number] {
  const bytes = Buffer.from(`"level":"emerg"${text}"level":"emerg"`)
  return [bytes, 15, bytes.length - 15]
}

t.test('an object is an error by the level that its fields have, whatever else it holds', async t => {
  const level = fc.oneof(fc.constantFrom(...errorLevels, 'WARNING', 'Critical', 'err', 'x', ''), fc.constantFrom(100, 200, 300, 400, 500, 10, 30, 50, 7), fc.constant(null))
  const member = fc.tuple(fc.constantFrom('level', 'level_name', 'severity', 'lvl', 'loglevel', 'log_level', 'status', 'context', 'message'),
    fc.oneof(level, fc.dictionary(fc.constantFrom('level', 'severity', 'x"'), level), fc.string({ maxLength: 30 })))
  const object = fc.array(member, { maxLength: 6 })
  fc.assert(fc.property(object, fc.constantFrom(...errorLevels), fc.constantFrom(0, 1), (members, from, indent) => {
    const text = JSON.stringify(Object.fromEntries(members), null, indent).replaceAll('\n', '')
    const place = within(text)
    const found = levelOf(...place)
    return createAppErrors(from)(...place, true) === (found !== undefined && !isBelow(found, from))
  }), { numRuns: 2000 })
})

t.test('so is any other line', async t => {
  const isError = createAppErrors('error')
  for (const [line, expected] of [
    ['PHP Fatal error:  x in /a.php on line 3', true], ['[2026-11-23 10:00:05] a.ERROR: x  ', true], ['[2026-11-23 10:00:05] a.WARNING: x  ', false], ['error: x', false],
    ['<br />\n<b>Fatal error</b>:  x in <b>/a.php</b> on line <b>3</b><br />', true], ['any text', false], ['', false],
  ] as const) t.equal(isError(...within(line), false), expected, line)
})

t.test('words and numbers of levels are told from their bytes as they are from their text', async t => {
  const words = [...namesFrom('debug'), 'trace9', 'trac', 'errors', 'err ', 'warn\0', 'profile\0end', 'ÉRR', '']
  const value = fc.oneof(
    fc.constantFrom(...words).chain(word => fc.constantFrom(word, word.toUpperCase(), word.slice(1), `${word}x`, word.charAt(0).toUpperCase() + word.slice(1))),
    fc.nat({ max: 12_000 }),
    fc.constantFrom('0500', '07', '00400')
  )
  const isErrors = errorLevels.map(level => [level, createAppErrors(level)] as const)
  const wrong: string[] = []
  for (const sampled of fc.sample(value, 1500)) {
    // The level of the fields decides in the end: of a number it is told where the key is the only one.
    const text = typeof sampled === 'string' && !/^0/.test(sampled) ? JSON.stringify(sampled) : String(sampled)
    const level = typeof sampled === 'number' ? levelOfNumber(Number(String(sampled).slice(0, 4))) : levelOfName(String(sampled))
    for (const [from, isError] of isErrors) {
      const found = isError(...within(`{"level":${text}}`), true)
      const isWanted = level !== undefined && !isBelow(level, from)
      const isWord = typeof sampled === 'string' && !/^0/.test(sampled)
      if (isWord ? found !== isWanted : found && level !== undefined && !isWanted) wrong.push(`${text} from ${from}`)
    }
  }
  t.same(wrong, [])
})
