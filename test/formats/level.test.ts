import t from 'tap'
import { errorLevels } from '../../src/contracts/levels.ts'
import { isBelow, levelOfKind, levelOfName, levelOfNumber, moreSevere } from '../../src/formats/level.ts'

t.test('a level is below another when it is less severe; an unknown one never is', async t => {
  for (const [at, level] of errorLevels.entries()) {
    for (const [leastAt, least] of errorLevels.entries()) t.equal(isBelow(level, least), at > leastAt, `${level} ${least}`)
    t.equal(isBelow(undefined, level), false)
    t.equal(moreSevere(level, undefined), level)
    t.equal(moreSevere(undefined, level), level)
  }
  t.equal(moreSevere('warn', 'error'), 'error')
  t.equal(moreSevere('error', 'info'), 'error')
})

t.test('words and numbers of loggers mean one of the eight', async t => {
  t.same(['EMERGENCY', 'Critical', 'err', 'WARNING', 'trace8', 'fatal', 'x'].map(levelOfName),
    ['emerg', 'crit', 'error', 'warn', 'debug', 'crit', undefined])
  t.same([600, 550, 500, 400, 300, 250, 200, 100, 60, 50, 40, 30, 20, 10, 3].map(levelOfNumber), ['emerg', 'alert', 'crit',
    'error', 'warn', 'notice', 'info', 'debug', 'crit', 'error', 'warn', 'info', 'debug', 'debug', undefined])
  t.same(['Fatal error', 'Parse error', 'Warning', 'Notice', 'Deprecated', 'Else'].map(levelOfKind),
    ['error', 'error', 'warn', 'notice', 'info', undefined])
})
