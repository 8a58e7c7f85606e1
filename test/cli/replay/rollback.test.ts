import { appendFileSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { rollBack, spoolStateOf } from '../../../src/cli/replay/rollback.ts'

const [boot, other] = ['a', 'b'].map(letter => letter.repeat(32)) as [string, string]
const open = (n: number, ofBoot = boot) => `error/web/2026112310-${ofBoot}-${n}`
const sealed = (n: number, ofBoot = boot) => `${open(n, ofBoot)}-2-00000000.ndjson`

t.test('what was written after the state is taken out of the spool, whatever became of its file, and nothing else', async t => {
  const directory = t.testdir()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  write(sealed(1, other), 'earlier\n')
  write(sealed(2), 'sealed\n')
  write(`${open(3)}.open`, 'three\n')
  write(`${open(4)}.open`, 'four\n')
  write(`${open(5)}.open`, 'five\n')
  const state = await spoolStateOf(directory, boot)
  t.match(state, { boot, lastNumber: 5, open: { [open(3)]: 6, [open(4)]: 5, [open(5)]: 5 } })

  appendFileSync(join(directory, `${open(3)}.open`), 'more\n')
  appendFileSync(join(directory, `${open(4)}.open`), 'more\n')
  renameSync(join(directory, `${open(4)}.open`), join(directory, sealed(4)))
  rmSync(join(directory, `${open(5)}.open`))
  write(`${open(6)}.open`, 'new\n')
  write(sealed(7), 'new\n')
  for (let round = 0; round < 2; round++) {
    await rollBack(directory, state)
    const found = globSync('**/*.*', { cwd: directory }).sort().map(path => [path, readFileSync(join(directory, path), 'utf8')])
    t.same(found, [
      [sealed(2), 'sealed\n'], [`${open(3)}.open`, 'three\n'], [`${open(4)}.open`, 'four\n'], [sealed(1, other), 'earlier\n'],
    ].sort(([one = ''], [two = '']) => one < two ? -1 : 1))
  }
})

t.test('a spool that is not there is empty', async t => {
  const directory = join(t.testdir(), 'none')
  const state = await spoolStateOf(directory, boot)
  t.same(state, { boot, lastNumber: 0, open: {} })
  await rollBack(directory, state)
})
