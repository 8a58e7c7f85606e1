import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { countLines, readWholeLines, sizeOf } from '../../src/delivery/whole-lines.ts'

t.test('as many whole lines are read as there is room for, one in any case, and none that is torn', async t => {
  const path = join(t.testdir(), 'lines')
  const long = 'x'.repeat(100)
  writeFileSync(path, `a\nbb\n${long}\ntorn`)
  const read = async (start: number, maxBytes: number) => (await readWholeLines(path, start, maxBytes)).toString()
  t.equal(await read(0, 1000), `a\nbb\n${long}\n`)
  t.equal(await read(0, 5), 'a\nbb\n')
  t.equal(await read(0, 6), 'a\nbb\n')
  t.equal(await read(2, 3), 'bb\n')
  t.equal(await read(5, 3), `${long}\n`, 'a line that is longer')
  t.equal(await read(106, 3), '', 'the torn one, which is longer too')
  t.equal(await read(110, 3), '', 'the end')
  t.equal(await read(200, 3), '', 'behind the end')
  t.equal(countLines(await readWholeLines(path, 0, 1000)), 3)
  t.equal(countLines(Buffer.alloc(0)), 0)
})

t.test('what is not there has no size; what cannot be looked at is an error', async t => {
  const directory = t.testdir({ file: 'abc' })
  t.equal(await sizeOf(join(directory, 'file')), 3)
  t.equal(await sizeOf(join(directory, 'none')), 0)
  await t.rejects(sizeOf(join(directory, 'file/none')), { code: 'ENOTDIR' })
})
