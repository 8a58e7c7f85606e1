import t, { type Test } from 'tap'
import type { RuleSettings } from '../../../src/config/rules/read-rules.ts'
import { tryConfig } from '../../../src/config/load.ts'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { migratedYaml } from '../../../src/config/fluent-bit/yaml.ts'
import { settings } from '../../../src/config/settings.ts'
import { readerOf } from '../../support/read-file.ts'

const parser = '[FILTER]\n Name parser\n Match *\n Key_Name log\n Parser json\n'
const split = '[FILTER]\n Name rewrite_tag\n Match *-firelens-*\n Rule $source ^stdout$ out.$TAG false\n'
const ofStdout = (name: string, options: string) => `[FILTER]\n Name ${name}\n Match *-firelens-*\n ${options.replaceAll('\n', '\n ')}\n`
const output = '[OUTPUT]\n Name s3\n Match *\n bucket shop-logs\n'

interface Found { readonly rules: readonly Omit<RuleSettings, 'name'>[], readonly left: readonly string[], readonly said: string }

/** What the service makes of the YAML that is printed, which must be valid. */
function rulesOf (t: Test, text: string): Found {
  const gathered = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': text + output }) })
  const yaml = migratedYaml(settings, gathered)
  const outcome = tryConfig({ env: { SLUICE_CONFIG_YAML: yaml }, readFile: readerOf({}) })
  t.equal(outcome.kind, 'config', yaml)
  const rules = outcome.kind === 'config' ? outcome.loaded.config.rules : []
  t.same(gathered.values.get('rules')?.value ?? [], rules, 'the YAML says the same as the file')
  t.equal(new Set(rules.map(({ name }) => name)).size, rules.length, 'names differ')
  const left = gathered.leftovers.map(({ section, option, hint }) => `${section}: ${option}: ${hint}`)
  return { rules: rules.map(({ name, ...rest }) => rest), left, said: yaml }
}

t.test('a pattern that held for stdout only leaves out lines of its classes', async t => {
  const stdout = { class: ['access', 'invalid', 'app'] }
  const ofApp = (options: string) => rulesOf(t, `${split}[FILTER]\n Name grep\n Match out.*\n ${options}\n`)
  t.same(ofApp('Exclude log kube-probe'), { rules: [{ when: { ...stdout, line: ['~kube-probe'] }, filter: true }], left: [], said: ofApp('Exclude log kube-probe').said })
  t.same(ofApp('Regex log ^\\{').rules, [{ when: stdout, unless: { line: ['~^\\{'] }, filter: true }])
  t.same(ofApp('Exclude log (?i)elb-').rules, [{ when: { ...stdout, line: ['~(?:[eE][lL][bB]-)'] }, filter: true }])
  t.match(ofApp('Exclude log (.)\\1probe').left, [/rules cannot run this regular expression/])
})

t.test('a pattern on a key of JSON asks for the key, where something has read lines as JSON', async t => {
  const grep = (before: string, options: string) => rulesOf(t, `${before}${split}[FILTER]\n Name grep\n Match out.web-firelens-*\n ${options}\n`)
  const web = { class: ['access', 'invalid', 'app'], container: ['web'] }
  t.same(grep(parser, 'Exclude path ^/(health|ready)$').rules, [{ when: { ...web, keys: { path: ['~^/(health|ready)$'] } }, filter: true }])
  t.match(grep('', 'Exclude path ^/health').left, [/lines of a container have no field path/])
  t.same(grep(parser, 'Logical_op and\n Exclude path ^/static\n Exclude status ^2').rules,
    [{ when: { ...web, keys: { path: ['~^/static'], status: ['~^2'] } }, filter: true }])
  t.same(grep(parser, 'Logical_op and\n Exclude path a\n Exclude path b').rules, [{ when: { ...web, keys: { path: ['~(?<=(?:a)[^]*)(?<=(?:b)[^]*)'] } }, filter: true }])
  t.match(grep(parser, 'Logical_op and\n Exclude path (.)\\1\n Exclude path b').left, [/match all of these/, /match all of these/])
})

t.test('a key within an object is a path of keys, in conditions of grep and of modify', async t => {
  const grep = (options: string) => rulesOf(t, `${parser}[FILTER]\n Name grep\n Match *\n ${options}\n`)
  const leftOut = (keys: object) => [{ when: { keys }, filter: true }]
  t.same(grep("Exclude $user['agent'] kube-probe").rules, leftOut({ 'user.agent': ['~kube-probe'] }))
  t.same(grep("Exclude $k8s['labels']['app.io/it''s'] ^x$").rules, leftOut({ 'k8s.labels.app.io/it\'s': ['~^x$'] }))
  t.same(grep("Exclude $log['level'] ^debug$").rules, leftOut({ level: ['~^debug$'] }), 'a parser made an object of the line')
  t.same(grep("Regex $a['b'] x").rules, [{ unless: { keys: { 'a.b': ['~x'] } }, filter: true }])
  t.same(grep("Logical_op or\n Regex $a['b'] x\n Regex $a['b'] y").rules, [{ unless: { keys: { 'a.b': ['~x', '~y'] } }, filter: true }])
  t.match(grep("Logical_op or\n Regex $a['b'] x\n Regex $c['b'] y").left, [/one of these patterns/, /one of these patterns/])
  t.same(grep('Exclude $a[0] x').rules, leftOut({ 'a[0]': ['~x'] }))
  t.match(grep('Exclude $a[] x').left, [/it names no key/])
  t.match(grep("Exclude $a['b'] x").said, /here it holds for numbers too/)
  const modify = (condition: string) => rulesOf(t, parser + ofStdout('modify', `Condition ${condition}\nSet team blue`))
  t.same(modify("Key_value_equals $context['tenant'] t1").rules, [{ when: { keys: { 'context.tenant': ['t1'] } }, add: { team: 'blue' } }])
  t.same(modify("Key_exists $context['tenant']").rules, [{ when: { keys: { 'context.tenant': ['*'] } }, add: { team: 'blue' } }])
  t.same(modify("Key_exists $context['tenant'][0]").rules, [{ when: { keys: { 'context.tenant[0]': ['*'] } }, add: { team: 'blue' } }])
  t.match(modify('Key_exists $context[]').left, [/rules cannot ask/])
  const kubernetes = rulesOf(t, '[FILTER]\n Name kubernetes\n Match *\n Merge_Log On\n[FILTER]\n Name grep\n Match *\n Exclude $kubernetes[\'labels\'][\'app\'] x\n Exclude level debug\n')
  t.match(kubernetes.left, [/there is no Kubernetes here/, /no metadata of Kubernetes: ask for the container/])
  t.match(kubernetes.said, /exclude: \['"level"/, 'the keys of lines of JSON are there')
})

t.test('a parser of one\'s own that reads JSON makes keys as well', async t => {
  const own = (format: string) => rulesOf(t, `[PARSER]\n Name monolog\n Format ${format}\n${parser.replace('Parser json', 'Parser monolog')}` +
    '[FILTER]\n Name grep\n Match *\n Exclude $context[\'a\'] x\n')
  t.equal(own('json').rules.length, 1)
  t.match(own('logfmt').left, [/no field context.a/])
})

t.test('keys that are added, removed and renamed are one rule, in the order of the filters', async t => {
  const { rules, left, said } = rulesOf(t, parser + ofStdout('modify', 'Set environment test\nRename remote_ip ip\nRemove pid\nRemove container_id') +
    ofStdout('record_modifier', 'Record environment production\nRemove_key xff') + ofStdout('modify', 'Rename ip client_ip\nAdd version 3\nAdd environment other'))
  t.same(rules, [{ add: { environment: 'production', version: '3' }, remove: ['pid', 'xff'], rename: { remote_ip: 'client_ip' } }])
  t.same(left, [])
  t.match(said, /a line that has version gets this in its place/)
  t.match(said, /lines of text stay as they are/)
})

t.test('what was added goes again when a later filter removes or renames it', async t => {
  t.same(rulesOf(t, parser + ofStdout('modify', 'Set a 1\nSet b 2') + ofStdout('modify', 'Remove a\nRename b c')).rules,
    [{ add: { c: '2' }, remove: ['a', 'b'] }])
  t.same(rulesOf(t, parser + ofStdout('modify', 'Rename a b') + ofStdout('modify', 'Remove b')).rules, [{ remove: ['a'] }])
})

t.test('conditions of modify are those of a rule that stands first and does the rest too', async t => {
  const conditional = (conditions: string) => rulesOf(t, parser + ofStdout('modify', `${conditions}\nSet team blue`) + ofStdout('modify', 'Set environment production'))
  const both = { add: { environment: 'production', team: 'blue' } }
  const plain = { add: { environment: 'production' } }
  t.same(conditional('Condition Key_value_equals tenant blue').rules, [{ when: { keys: { tenant: ['blue'] } }, ...both }, plain])
  t.same(conditional('Condition Key_value_matches path ^/a\nCondition Key_does_not_exist user').rules,
    [{ when: { keys: { path: ['~^/a'] } }, unless: { keys: { user: ['*'] } }, ...both }, plain])
  t.same(conditional('Condition Key_exists user\nCondition Key_value_does_not_match path ^/a').rules,
    [{ when: { keys: { user: ['*'], path: ['*'] } }, unless: { keys: { path: ['~^/a'] } }, ...both }, plain],
    'a line without the key is none whose value differs')
  for (const asked of ['Condition A_key_matches ^a', 'Condition Key_does_not_exist a\nCondition Key_does_not_exist b', 'Condition Key_exists log']) {
    t.same(conditional(asked).rules, [plain], asked)
    t.match(conditional(asked).left, [/rules cannot ask for all of its conditions/], asked)
  }
  const twice = rulesOf(t, parser + ['a', 'b'].map(key => ofStdout('modify', `Condition Key_exists ${key}\nSet found ${key}`)).join(''))
  t.same(twice.rules, [{ when: { keys: { a: ['*'] } }, add: { found: 'a' } }])
  t.match(twice.left, [/the first rule that matches a line decides/])
})

t.test('what no rule does is named with a reason', async t => {
  for (const [options, words] of [
    ['Copy a b', /do not copy/],
    ['Remove_wildcard a', /by their names/],
    ['Rename log message', /the line itself/],
    ['Rename container_name app', /no fields of the container/],
    [`Set host $${'{HOST_NAME}'}`, /is not set here/],
    ['Set __proto__ x', /no line has such a key/],
  ] as const) t.match(rulesOf(t, parser + ofStdout('modify', options)).left, [words], options)
  const unread = rulesOf(t, ofStdout('modify', 'Remove pid'))
  t.same([unread.rules, unread.left], [[], []])
  t.match(unread.said, /nothing read lines as JSON, so no record had pid/)
})

t.test('containers that the file names, and the others, have rules of their own', async t => {
  const web = '[FILTER]\n Name modify\n Match web-firelens-*\n Set app web\n[FILTER]\n Name modify\n Match *\n Set environment production\n'
  t.same(rulesOf(t, parser + web).rules, [
    { when: { container: ['web'] }, add: { app: 'web', environment: 'production' } },
    { unless: { container: ['web'] }, add: { environment: 'production' } },
  ])
})
