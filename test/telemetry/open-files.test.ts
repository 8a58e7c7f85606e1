import t from 'tap'
import { closeSync, openSync } from 'node:fs'
import { OpenFiles, ownFiles } from '../../src/telemetry/open-files.ts'
import { recordingLog } from '../support/recording-log.ts'

t.test('it counts the files of the process', { skip: process.platform !== 'linux' }, t => {
  const { open, limit = 0 } = ownFiles()
  const before = open() ?? 0
  const files = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'))
  t.ok((open() ?? 0) >= before + 15, 'others may close meanwhile')
  for (const file of files) closeSync(file)
  t.ok(before > 0 && limit > before)
  t.end()
})

t.test('that few more files can be opened is told once, with what to do, and once when it is over', async t => {
  const { log, lines } = recordingLog()
  let open: number | undefined = 899
  const files = new OpenFiles({ limit: 1000, open: () => open }, log)
  const lookAt = (nowMs: number, count: number | undefined) => {
    open = count
    files.look(nowMs)
  }
  lookAt(0, 899)
  lookAt(4_999, 900)
  t.same([lines, files.shortage], [[], undefined], 'it looks every five seconds')
  lookAt(5_000, 900)
  lookAt(10_000, 1000)
  lookAt(15_000, 800)
  t.match(lines, [{ level: 'warn', open: 900, limit: 1000, advice: /nofile/, msg: 'few more files can be opened: at the limit nobody can connect' }])
  t.equal(lines.length, 1)
  t.match(files.shortage, { sinceMs: 5_000, words: /^800 of 1000 files are open; .*forward\.maxConnections/ })
  lookAt(20_000, 799)
  t.match(lines[1], { level: 'info', lastedMs: 15_000, msg: 'enough files can be opened again' })
  t.equal(files.shortage, undefined)
})

t.test('where the system tells no numbers, nothing is told', async t => {
  const { log, lines } = recordingLog()
  for (const limit of [undefined, 10]) new OpenFiles({ limit, open: () => undefined }, log).look(0)
  t.same(lines, [])
})
