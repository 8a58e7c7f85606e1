import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { surveyLines, type SurveyOptions } from '../../src/sources/line-survey.ts'

type Differs = Partial<Pick<SurveyOptions, 'startBytes' | 'signal'>>

/** Lines that are numbers say that they were written then. */
async function survey (t: Test, text: string, differs: Differs = {}) {
  const path = join(t.testdir(), 'lines')
  writeFileSync(path, text)
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  const read: number[] = []
  return {
    ...await surveyLines({
      fd,
      startBytes: 0,
      maxLineBytes: 1000,
      lineTime: (bytes, start, end) => Number(bytes.toString('latin1', start, end)) || undefined,
      isCounted: (bytes, start) => bytes[start] !== 0x39,
      oldMs: 100,
      signal: new AbortController().signal,
      onRead: bytes => read.push(bytes),
      ...differs,
    }),
    readBytes: read.reduce((sum, bytes) => sum + bytes, 0),
  }
}

t.test('it counts lines, those with a time, and those that are too old and matter', async t => {
  t.same(await survey(t, 'x\n50\ny\n90\n300\n20'), {
    lineCount: 6, timedCount: 4, firstMs: 50, fromMs: 20, toMs: 300, oldCount: 3, readBytes: 16,
  })
})

t.test('it begins where the reader will, and changes nothing of that', async t => {
  t.match(await survey(t, '1\n2\n3\n', { startBytes: 2 }), { lineCount: 2, firstMs: 2 })
})

t.test('lines across chunks are whole', async t => {
  t.match(await survey(t, '123456\n'.repeat(400_000)), { lineCount: 400_000, timedCount: 400_000, fromMs: 123456, toMs: 123456 })
})

t.test('nothing says nothing, and a signal ends it', async t => {
  t.match(await survey(t, ''), { lineCount: 0, firstMs: undefined, fromMs: undefined, toMs: undefined })
  t.match(await survey(t, '1\n2\n', { signal: AbortSignal.abort() }), { lineCount: 0 })
})
