import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { errorLevels, levelWords } from '../../src/contracts/levels.ts'
import { readerOf } from '../support/read-file.ts'

t.test('a least level may be said in the words that lines have', async t => {
  for (const [word, level] of levelWords) {
    for (const text of [word, word.toUpperCase()]) {
      const { config, warnings } = loadConfig({ env: { SLUICE_ERROR_MIN_LEVEL: text }, readFile: readerOf({}) })
      t.same([config.error.minLevel, warnings], [level, []], text)
    }
  }
  for (const level of errorLevels) t.ok(levelWords.has(level))
  t.throws(() => loadConfig({ env: { SLUICE_ERROR_MIN_LEVEL: 'warnin' }, readFile: readerOf({}) }), /did you mean warn/)
})
