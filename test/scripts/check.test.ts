import t from 'tap'
import { checksOf, runChecks } from '../../scripts/check.ts'

t.test('what a check said is printed only when it found something, and one that did makes all of them fail', async t => {
  const run = async (...codes: number[]) => {
    const printed: string[] = []
    const isOk = await runChecks(codes.map((code, index) => [`check:${index}`, `echo words of ${index}; exit ${code}`]),
      text => { printed.push(text.replace(/[\d.]+ s/, '1 s')) })
    return { isOk, printed: printed.sort() }
  }
  t.same(await run(0, 0), { isOk: true, printed: ['check:0: ok, 1 s\n', 'check:1: ok, 1 s\n'] })
  t.same(await run(0, 1), { isOk: false, printed: ['check:0: ok, 1 s\n', 'words of 1\ncheck:1: not ok, 1 s\n'] })
})

t.test('a program that is not there is no check that went well', async t => {
  t.equal(await runChecks([['check:none', 'no-such-program']], () => {}), false)
})

t.test('every script that begins with check: is one of them', async t => {
  const scripts = { start: 'a', check: 'b', 'check:types': 'tsc', 'check:lint': 'eslint .' }
  t.same(checksOf(JSON.stringify({ scripts })), [['check:types', 'tsc'], ['check:lint', 'eslint .']])
})
