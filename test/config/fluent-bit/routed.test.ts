import t, { type Test } from 'tap'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { migratedYaml } from '../../../src/config/fluent-bit/yaml.ts'
import { settings } from '../../../src/config/settings.ts'
import { stream, type Stream } from '../../../src/contracts/record.ts'
import { readerOf } from '../../support/read-file.ts'
import { ruledWorld } from '../../support/ruled-world.ts'

const filter = (name: string, options: string, match = '*') => `[FILTER]\n Name ${name}\n Match ${match}\n ${options.replaceAll('\n', '\n ')}\n`
const rewrite = (rules: string, match = '*-firelens-*') => filter('rewrite_tag', rules.split('\n').map(rule => `Rule ${rule}`).join('\n'), match)
const parser = filter('parser', 'Key_Name log\nParser json\nPreserve_Key On\nReserve_Data On')
const group = (match: string, name: string) => `[OUTPUT]\n Name cloudwatch_logs\n Match ${match}\n log_group_name ${name}\n log_stream_prefix s/\n`
const bucket = (match: string, name: string) => `[OUTPUT]\n Name s3\n Match ${match}\n bucket ${name}\n`

/** Where the service puts lines with the YAML that is printed: a bucket or a group. */
function placesOf (t: Test, text: string) {
  const gathered = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': text }) })
  const yaml = migratedYaml(settings, gathered)
  const left = gathered.leftovers.map(({ section, hint }) => `${section}: ${hint}`)
  const of = (line: string, from: Stream = stream.stdout, container = 'web') => {
    const world = ruledWorld(yaml)
    world.take(line, from, container)
    world.inbound.flush()
    t.ok(world.ledger.snapshot().isBalanced)
    const { routes, bucket: home, logGroup } = world.config
    return world.written.map(each => {
      const [name = ''] = each.split(' ')
      const own = (routes as Readonly<Record<string, { bucket?: string, logGroup?: string } | undefined>>)[name]
      return own?.bucket || own?.logGroup || (name === 'error' ? logGroup : home)
    }).sort()
  }
  return { of, left, yaml }
}

t.test('lines that a pattern sends elsewhere go there, and the others where they went', async t => {
  const { of, left, yaml } = placesOf(t, rewrite('$source ^stderr$ err false\n$log payment pay false') +
    group('err', '/err') + group('pay', '/pay') + bucket('*-firelens-*', 'all'))
  t.same(left, [], yaml)
  t.same(of('a payment came'), ['/pay'])
  t.same(of('{"level":"error","message":"payment"}'), ['/pay'], 'one with a level of errors is meant too')
  t.same(of('{"status":200,"path":"/payment"}'), ['/pay'])
  t.same(of('words'), ['all'])
  t.same(of('PHP Warning:  payment', stream.stderr), ['/err'], 'the first rule took it')
  t.match(yaml, /a trace is one record here, and goes whole where one of its lines alone went/)
})

t.test('keys of JSON, keys within objects and the tasks of the stream processor decide as well', async t => {
  const audit = placesOf(t, parser + rewrite("$context['tenant'] ^blue$ blue false") + bucket('blue', 'blue-logs') + bucket('*-firelens-*', 'all'))
  t.same(audit.left, [])
  t.same(audit.of('{"message":"x","context":{"tenant":"blue"}}'), ['blue-logs'])
  t.same(audit.of('{"message":"x","context":{"tenant":"red"},"tenant":"blue"}'), ['all'])
  t.same(audit.of('tenant blue'), ['all'])
  t.match(audit.yaml, /here it holds for numbers too/)
  const task = "[STREAM_TASK]\n Name a\n Exec CREATE STREAM a WITH (tag='gold') AS SELECT * FROM TAG:'*-firelens-*' WHERE plan = 'gold';\n"
  const stream = placesOf(t, parser + task + bucket('gold', 'gold-logs') + bucket('*-firelens-*', 'all'))
  t.same(stream.left, [])
  t.same(stream.of('{"plan":"gold"}'), ['all', 'gold-logs'], 'a task copies')
  t.same(stream.of('{"plan":"golden"}'), ['all'])
})

t.test('rules are asked in the order of Fluent Bit, and one that leads where lines go anyway keeps its own from those behind it', async t => {
  const { of, left } = placesOf(t, rewrite('$log alpha a false\n$log beta b false') +
    bucket('a', 'all') + bucket('b', 'betas') + bucket('*-firelens-*', 'all'))
  t.same(left, [])
  t.same([of('alpha'), of('alpha beta'), of('beta'), of('gamma')], [['all'], ['all'], ['betas'], ['all']])
  const twice = placesOf(t, parser + rewrite('$log alpha a false') + rewrite('$kind beta b false', 'a') +
    bucket('a', 'alphas') + bucket('b', 'betas') + bucket('*-firelens-*', 'all'))
  t.same([twice.of('alpha'), twice.of('{"message":"alpha","kind":"beta"}'), twice.of('{"kind":"beta"}')], [['alphas'], ['betas'], ['all']], 'a new tag passes the filters anew')
})

t.test('lines that keep their tag too, and those that several outputs take, are copied', async t => {
  const kept = placesOf(t, rewrite('$log payment pay true') + bucket('pay', 'pay-logs') + bucket('*-firelens-*', 'all'))
  t.same(kept.left, [])
  t.same([kept.of('a payment'), kept.of('words')], [['all', 'pay-logs'], ['all']])
  const both = placesOf(t, rewrite('$log payment pay false') + bucket('pay', 'one') + group('pay', '/two') + bucket('*-firelens-*', 'all'))
  t.same(both.left, [])
  t.same(both.of('a payment'), ['/two', 'one'])
  const after = placesOf(t, rewrite('$log payment pay true') + rewrite('$log card card false') +
    bucket('pay', 'pay-logs') + bucket('card', 'card-logs') + bucket('*-firelens-*', 'all'))
  t.same(after.left, [])
  t.same([after.of('payment'), after.of('card'), after.of('card payment')], [['all', 'pay-logs'], ['card-logs'], ['card-logs', 'pay-logs']], 'what a copy left goes on')
})

t.test('a line that several filters copied is everywhere, and one that a filter took before is nowhere else', async t => {
  const { of, left, yaml } = placesOf(t, rewrite('$log zero z false') + rewrite('$log alpha a true') + rewrite('$log beta b true') + rewrite('$log gamma c false') +
    bucket('z', 'zeros') + bucket('a', 'alphas') + bucket('b', 'betas') + bucket('c', 'gammas') + bucket('*-firelens-*', 'all'))
  t.same(left, [], yaml)
  for (const words of ['', 'alpha', 'beta', 'gamma', 'alpha beta', 'beta alpha gamma', 'gamma beta', 'alpha gamma'] as const) {
    const copies = [...(words.includes('alpha') ? ['alphas'] : []), ...(words.includes('beta') ? ['betas'] : [])]
    t.same(of(`x ${words}`), [...copies, words.includes('gamma') ? 'gammas' : 'all'].sort(), words)
    t.same(of(`zero ${words}`), ['zeros'], words)
  }
})

t.test('two patterns that must both hold, in whatever order, one that must not, and one that ignores case are rules', async t => {
  const twice = placesOf(t, rewrite('$log alpha a false') + rewrite('$log beta b false', 'a') + bucket('a', 'alphas') + bucket('b', 'betas') + bucket('*-firelens-*', 'all'))
  t.same(twice.left, [])
  t.same([twice.of('alpha'), twice.of('beta'), twice.of('beta alpha'), twice.of('alpha beta', stream.stderr)], [['alphas'], ['all'], ['betas'], ['betas']])
  const not = placesOf(t, rewrite('$log ^(?!.*debug).*payment pay false') + bucket('pay', 'pays') + bucket('*-firelens-*', 'all'))
  t.same(not.left, [])
  t.same([not.of('a payment'), not.of('payment debug'), not.of('debug'), not.of('x')], [['pays'], ['all'], ['all'], ['all']])
  const ignored = placesOf(t, parser + rewrite('$log (?i)payment pay false\n$kind (?i)^refund$ pay false') + bucket('pay', 'pays') + bucket('*-firelens-*', 'all'))
  t.same(ignored.left, [])
  t.same([ignored.of('PAYMENT'), ignored.of('a Payment'), ignored.of('{"kind":"REFUND"}'), ignored.of('{"kind":"refunds"}')], [['pays'], ['pays'], ['pays'], ['all']])
})

t.test('a filter that leaves lines out is asked behind those that had taken lines before it', async t => {
  const after = placesOf(t, rewrite('$log payment pay false') + filter('grep', 'Exclude log debug', '*-firelens-*') + bucket('pay', 'pays') + bucket('*-firelens-*', 'all'))
  t.same(after.left, [])
  t.same([after.of('payment debug'), after.of('debug'), after.of('payment'), after.of('x')], [['pays'], [], ['pays'], ['all']])
  const before = placesOf(t, filter('grep', 'Exclude log debug', '*-firelens-*') + rewrite('$log payment pay false') + bucket('pay', 'pays') + bucket('*-firelens-*', 'all'))
  t.same([before.of('payment debug'), before.of('debug'), before.of('payment')], [[], [], ['pays']])
  const nowhere = placesOf(t, rewrite('$log payment pay false\n$log debug none false') + bucket('pay', 'pays') + '[OUTPUT]\n Name null\n Match none\n' + bucket('*-firelens-*', 'all'))
  t.same([nowhere.of('payment debug'), nowhere.of('debug'), nowhere.of('x')], [['pays'], [], ['all']])
  const copied = placesOf(t, rewrite('$log payment pay true') + filter('grep', 'Exclude log debug', '*-firelens-*') + bucket('pay', 'pays') + bucket('*-firelens-*', 'all'))
  t.match(copied.left, [/a line that it leaves out and that f\.conf:\d+ sent elsewhere is not where it was/])
  t.same(copied.of('payment debug'), ['all', 'pays'], 'nothing of it is lost')
})

t.test('an element of an array decides as a key does', async t => {
  const { of, left } = placesOf(t, parser + rewrite("$items[0]['kind'] ^gift$ gift false\n$tags[1] ^vip$ vip false") +
    bucket('gift', 'gifts') + bucket('vip', 'vips') + bucket('*-firelens-*', 'all'))
  t.same(left, [])
  t.same([of('{"items":[{"kind":"gift"}]}'), of('{"items":[{"kind":"book"},{"kind":"gift"}]}'), of('{"tags":["new","vip"]}'), of('{"tags":["vip"]}'), of('{"tags":{"1":"vip"}}')],
    [['gifts'], ['all'], ['vips'], ['all'], ['all']])
})

t.test('a rule does what filters did to the lines that it sends elsewhere, and no more', async t => {
  const own = parser + filter('modify', 'Set all yes') + rewrite('$log payment pay false') + filter('modify', 'Set stayed yes', '*-firelens-*') +
    bucket('pay', 'pay-logs') + bucket('*-firelens-*', 'all')
  const { yaml, left } = placesOf(t, own)
  t.match(yaml, /route: pay-logs\n {4}add: \{all: yes\}\n/)
  t.match(yaml, /name: modify-1.*\n {4}add: \{all: yes, stayed: yes\}/)
  t.same(left, [])
})

t.test('what no rule can ask is named with where those lines go', async t => {
  for (const rule of ['$log (?!x)payment', '$a[] x', '$level ^err'] as const) {
    const { left } = placesOf(t, rewrite(`${rule} pay false`) + bucket('pay', 'pay-logs') + bucket('*-firelens-*', 'all'))
    t.match(left, [/go to s3:\/\/all here/], rule)
  }
})
