import { Writable } from 'node:stream'
import t from 'tap'
import { createProgress } from '../../src/cli/progress.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

/** A terminal of 60 columns, and what it was sent. */
function terminal () {
  const texts: string[] = []
  const output = Object.assign(new Writable({
    decodeStrings: false,
    write (text: string, _encoding, done) {
      texts.push(text)
      done()
    },
  }), { isTTY: true, columns: 60 })
  return { output, texts }
}

const clear = '\r\u001b[K'

t.test('the line is drawn anew twice a second, with what is left, and goes at the end', async t => {
  const { output, texts } = terminal()
  const clock = new ManualClock()
  const progress = createProgress({ output, totalBytes: 1000, clock })
  let readBytes = 0
  progress?.show(() => ({ phase: 'reads', readBytes, records: 3, waiting: 2 }))
  t.same(texts, [`${clear}reads · 0 % of 1000 bytes · 0 bytes/s · 3 lines · 2 to deli`], 'within the terminal')
  readBytes = 250
  await clock.advance(500)
  t.same(texts.at(-1), `${clear}reads · 25 % of 1000 bytes · 500 bytes/s · 3 lines · 2 to d`)
  progress?.show(() => ({ phase: 'x', readBytes: 500 }))
  await clock.advance(500)
  t.same(texts.at(-1), `${clear}x · 50 % of 1000 bytes · 1000 bytes/s · 0.5 s left`)
  progress?.end()
  progress?.end()
  t.equal(texts.at(-1), clear)
  const count = texts.length
  await clock.advance(5000)
  t.equal(texts.length, count, 'and stays away')
  t.equal(clock.sleeping, 0)
})

t.test('what is written below it stands above the line', async t => {
  const { output, texts } = terminal()
  const progress = createProgress({ output, totalBytes: undefined, clock: new ManualClock() })
  const log = progress?.below(output)
  log?.write('first\n')
  progress?.show(() => ({ phase: 'reads', readBytes: 2048 }))
  log?.write('second\n')
  t.same(texts, ['first\n', `${clear}reads · 2.0 KiB · 2.0 MiB/s`, clear, 'second\n', `${clear}reads · 2.0 KiB · 2.0 MiB/s`])
  progress?.end()
  log?.write('third\n')
  t.equal(texts.at(-1), 'third\n')
  const failed = new Promise(resolve => log?.once('error', resolve))
  output.destroy(new Error('gone'))
  t.match(await failed, { message: 'gone' })
  await turns()
})

t.test('no terminal, no line', async t => {
  const { output } = terminal()
  const none = { totalBytes: 1, clock: new ManualClock() }
  t.equal(createProgress({ output: Object.assign(output, { isTTY: false }), ...none }), undefined)
  t.equal(createProgress({ output: undefined, ...none }), undefined)
})

t.test('a terminal that does not know its width is taken for one of 80 columns', async t => {
  const { output, texts } = terminal()
  output.columns = 0
  const progress = createProgress({ output, totalBytes: 1000, clock: new ManualClock() })
  progress?.show(() => ({ phase: 'reads', readBytes: 0, records: 3, waiting: 2 }))
  t.same(texts, [`${clear}reads · 0 % of 1000 bytes · 0 bytes/s · 3 lines · 2 to deliver`])
  progress?.end()
})
