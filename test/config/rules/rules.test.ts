import t from 'tap'
import { tryConfig } from '../../../src/config/load.ts'
import { describeMistake } from '../../../src/config/mistake.ts'
import { tryLinearPattern } from '../../../src/config/pattern.ts'

function read (yaml: string) {
  const outcome = tryConfig({ env: { SLUICE_CONFIG_YAML: yaml }, readFile: () => { throw Object.assign(new Error('no file'), { code: 'ENOENT' }) } })
  if (outcome.kind === 'config') return { config: outcome.loaded.config, mistakes: [] }
  return { config: undefined, mistakes: outcome.mistakes.map(mistake => describeMistake(mistake).replace('SLUICE_CONFIG_YAML:', '')) }
}

t.test('every mistake in rules and tests is told at once, with its place and what was meant', async t => {
  const { mistakes } = read(`
routes: {archive: {to: s3}}
rules:
  - name: one
    wenn: {path: /a}
    when: {statsu: 200, class: acess, level: ">=wran", duration: 2s, status: 5xx, client: 10.0.0.0/99}
  - name: one
    filter: true
    sample: 1
    route: archiv
    copyTo: [archive, nowhere]
  - when: {message: "~(?=a)b", keys: {a: []}}
    add: {a: [1]}
    level: wran
  - name: below-level
    filter: true
    mask: a
  - 7
tests:
  - expect: {clas: access}
  - line: x
    source: stdin
    expect: {}
`)
  const expected: readonly (readonly [string, RegExp])[] = [
    ['5:5', /rules\[0\]: unknown key "wenn"; allowed: name, when/],
    ['6:12', /rules\[0\]\.when: unknown key "statsu".*did you mean status\?$/],
    ['6:32', /class: found "acess".*did you mean access\?$/],
    ['6:46', /level: found ">=wran".*did you mean >=warn\?$/],
    ['6:66', /duration: found "2s".*did you mean >2s\?$/],
    ['6:78', /status: found "5xx".*did you mean 5\*\?$/],
    ['6:91', /client: found "10\.0\.0\.0\/99"/],
    ['7:11', /name: "one" is given twice, first at SLUICE_CONFIG_YAML:4:11/],
    ['9:13', /sample: found 1; allowed: a whole number from 2/],
    ['12:21', /message: found "~\(\?=a\)b": it is no regular expression that runs in linear time/],
    ['12:42', /keys\.a: found an empty list/],
    ['13:14', /add\.a: found a list/],
    ['14:12', /level: found "wran".*did you mean warn\?$/],
    ['12:5', /found a rule without a name/],
    ['15:11', /"below-level" is what Sluice calls a rule of its own/],
    ['16:13', /filter: given besides mask/],
    ['18:5', /rules\[4\]: found 7; allowed: a mapping of name, when/],
    ['20:14', /unknown key "clas".*did you mean class\?$/],
    ['20:5', /found a test without line/],
    ['22:13', /source: found "stdin"; allowed: `stdout`, `stderr`$/],
    ['10:12', /rules\[1\]\.route: no route is called "archiv"; allowed: archive; did you mean archive\?$/],
    ['11:23', /no route is called "nowhere"/],
  ]
  for (const [place, words] of expected) {
    t.ok(mistakes.some(mistake => mistake.startsWith(`${place}: `) && words.test(mistake)), `${place} ${String(words)}`)
  }
})

t.test('copies for a route that is not there are a mistake, at their place', async t => {
  t.match(read('containers:\n  web:\n    copyTo: [x]\n').mistakes, [/^3:13: containers\.web\.copyTo: no route is called "x"; allowed: a route of one's own: a name below `routes` with a setting, as `maxBytes: 256MiB`$/])
  t.match(read('routes:\n  error: {copyTo: [archvie]}\n  archive: {to: s3}\n').mistakes, [/^2:19: routes\.error\.copyTo: no route is called "archvie".*did you mean archive\?$/])
})

t.test('a misspelled class among the routes is no route of one\'s own with settings of classes', async t => {
  t.match(read('routes: {Access: {to: s3}}').mistakes, [/unknown setting "Access".*did you mean routes\.access\?$/])
  t.match(read('routes: {archive: {bukket: a-bucket}}').mistakes, [/unknown setting "bukket"/])
})

t.test('an alias that leads into its own list ends in mistakes, not in an endless walk', async t => {
  t.ok(read('rules: &a [*a]').mistakes.length > 0)
  t.ok(read('rules: &a\n  - name: x\n    when: {keys: {k: *a}}').mistakes.length > 0)
})

t.test('rules may name variables, and are read from any of the places of settings', async t => {
  // The variable is one of the settings' own.
  // eslint-disable-next-line no-template-curly-in-string
  const { config } = read('rules: [{name: a, when: {container: "${C:-web}", status: [200, ">=500"]}, sample: 10}]')
  t.same(config?.rules, [{ name: 'a', when: { container: ['web'], status: ['200', '>=500'] }, sample: 10 }])
})

t.test('a pattern is taken only by the engine whose time grows with the text alone', async t => {
  t.ok(tryLinearPattern('(a+)+b'))
  for (const text of ['(?=a)', '(a)\\1', '(', '(?i:a)']) t.equal(tryLinearPattern(text), undefined, text)
  const startedMs = performance.now()
  t.equal(tryLinearPattern('(a+)+b')?.test('a'.repeat(50_000)), false)
  t.ok(performance.now() - startedMs < 2000)
})

t.test('a variable that is not set is a mistake in a rule, said once: without its value it would be another rule', async t => {
  const text = ['rules:', '  - name: x', `    when: {path: "$${'{NOT_SET}'}"}`, `    copyTo: "$${'{ROUTE:-none}'}"`, ''].join('\n')
  const outcome = tryConfig({ configFile: 'a.yaml', env: {}, readFile: () => text })
  t.equal(outcome.kind, 'mistakes')
  if (outcome.kind !== 'mistakes') return
  t.match(outcome.mistakes, [{ where: 'a.yaml:3:18', path: 'rules', problem: 'the variable NOT_SET is not set' }, { problem: 'no route is called "none"' }])
  t.notMatch(outcome.warnings.join(), /counts as not set/)
})

t.test('lists that are too large, by aliases too, end at once', async t => {
  const problemsOf = (text: string) => {
    const outcome = tryConfig({ configFile: 'a.yaml', env: {}, readFile: () => text })
    return outcome.kind === 'mistakes' ? outcome.mistakes.map(({ path, problem }) => `${path}: ${problem}`) : []
  }
  const many = Array.from({ length: 201 }, (_, index) => `  - {name: r${index}, filter: true}\n`).join('')
  t.same(problemsOf(`rules:\n${many}`), ['rules: found 201 rules'])
  const tens = (name: string) => `[${Array.from({ length: 10 }, () => `*${name}`).join(',')}]`
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b ${tens('a')}\nc: &c ${tens('b')}\nd: &d ${tens('c')}\ne: &e ${tens('d')}\nrules: *e\n`
  t.ok(problemsOf(bomb).includes('rules: holds too much, aliases included'))
})
