import t from 'tap'
import { ofFluentBit } from '../../src/config/fluent-bit/names.ts'
import { describeMistake } from '../../src/config/mistake.ts'
import { rowsOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'
import { readYaml } from '../../src/config/yaml-file.ts'

/** The mistakes in `text`, as an operator reads them; what is allowed is left out where a list of keys would follow. */
function mistakesOf (text: string): string[] {
  return readYaml(settings, 'a.yaml', text).mistakes.map(describeMistake)
}

/** `where: path: problem` without what is allowed and meant. */
function problemsOf (text: string): string[] {
  return mistakesOf(text).map(line => line.split(';')[0] ?? '')
}

function valuesOf (text: string): Record<string, unknown> {
  const { values, mistakes } = readYaml(settings, 'a.yaml', text)
  t.same(mistakes, [])
  return Object.fromEntries([...values].map(([path, { value, origin }]) => [path, [value, origin]]))
}

t.test('every setting that is given is read, with the line that gave it', async t => {
  t.same(valuesOf([
    '# a comment',
    'tcp: off',
    'unixSocketMode: 0660',
    'hostId: 007',
    'spool:',
    '  maxBytes: 64MiB # room',
    '  flushInterval: 10ms',
    'join: { partials: { maxAge: 2s } }',
    'access:',
    '  statusKeys:',
    '    - st',
    '    - 404',
  ].join('\n')), {
    tcp: ['off', 'a.yaml:2'],
    unixSocketMode: [0o660, 'a.yaml:3'],
    hostId: ['007', 'a.yaml:4'],
    'spool.maxBytes': [67_108_864, 'a.yaml:6'],
    'spool.flushInterval': [10, 'a.yaml:7'],
    'join.partials.maxAge': [2000, 'a.yaml:8'],
    'access.statusKeys': [['st', '404'], 'a.yaml:11'],
  })
})

t.test('text that says nothing gives no settings', async t => {
  for (const text of ['', '\n', '# only a comment\n', '---\n', '~', 'spool:\n', 'spool:\n  # maxBytes: 1GiB\n', '\ufeff', '{}']) {
    t.same(valuesOf(text), {}, JSON.stringify(text))
  }
})

t.test('values that are false, zero or empty are values', async t => {
  t.same(valuesOf('tcp: false\nprefix: ""\nforward: { readPause: 0 }\naccess: { statusKeys: [] }'), {
    tcp: ['off', 'a.yaml:1'],
    prefix: ['', 'a.yaml:2'],
    'forward.readPause': [0, 'a.yaml:3'],
    'access.statusKeys': [[], 'a.yaml:4'],
  })
})

t.test('anchors and line ends of Windows are understood', async t => {
  t.same(valuesOf('routes:\r\n  access: &room\r\n    maxBytes: &size 2GiB\r\n  error: *room\r\nspool: { maxBytes: *size }'), {
    'routes.access.maxBytes': [2 ** 31, 'a.yaml:3'],
    'routes.error.maxBytes': [2 ** 31, 'a.yaml:3'],
    'spool.maxBytes': [2 ** 31, 'a.yaml:5'],
  })
})

t.test('an alias of nothing is a mistake, since what it was to bring would be missing without a word', async t => {
  const cases: Record<string, string> = {
    'rules: *masks': 'a.yaml:1:8: found "*masks"',
    'rules: [*masks]': 'a.yaml:1:9: found "*masks"',
    'rules: [{ name: a, when: *masks, filter: true }]': 'a.yaml:1:26: found "*masks"',
    'routes: *masks': 'a.yaml:1:9: found "*masks"',
    'bucket: *masks': 'a.yaml:1:9: found "*masks"',
    'filter: { exclude: *masks }': 'a.yaml:1:20: found "*masks"',
    'filter: { exclude: [*masks] }': 'a.yaml:1:21: found "*masks"',
    'routes: { app: *masks, access: &masks { maxBytes: 2GiB } }': 'a.yaml:1:16: found "*masks"',
  }
  for (const [text, mistake] of Object.entries(cases)) {
    t.same(mistakesOf(text), [`${mistake}, and no anchor before it is called so`], text)
  }
  t.match(mistakesOf('spool: { snyc: never }\nrules: *a\nlog: { levle: info }'), [/^a\.yaml:1:/, /^a\.yaml:2:/, /^a\.yaml:3:/], 'in their order')
  t.match(mistakesOf('routes: { access: &large { maxBytes: 2GiB }, app: *lagre }'), [/; did you mean \*large\?$/])
})

t.test('off and 0660 are what they look like, whichever version of YAML the file names', async t => {
  t.same(valuesOf('%YAML 1.1\n---\nhttpPage: off\nunixSocketMode: 0660\n'), {
    httpPage: ['off', 'a.yaml:3'], unixSocketMode: [0o660, 'a.yaml:4'],
  })
})

t.test('an unknown setting is named with what is known there and what was probably meant', async t => {
  t.same(mistakesOf('log:\n  levle: info\n'), ['a.yaml:2:3: log: unknown setting "levle"; allowed: level; did you mean log.level?'])
  const meant = (text: string) => /did you mean (.*)\?$/.exec(mistakesOf(text)[0] ?? '')?.[1]
  t.equal(meant('spol: {}'), 'spool')
  t.equal(meant('unix_socket: /a'), 'unixSocket')
  t.equal(meant('log.level: info'), 'log: { level: … }', 'what was written is no suggestion')
  t.equal(meant('SLUICE_SPOOL_SYNC: never'), 'spool.sync')
  t.equal(meant('flushInterval: 1s'), 'spool.flushInterval')
  t.equal(meant('level: info'), 'objects.level or log.level', 'all settings of that name')
  t.equal(meant('maxBytes: 1GiB'), undefined, 'so many are no suggestion')
  t.equal(meant('containers:\n  web:\n    filter: { exclude: a }'), undefined, 'a group is not a setting of that name elsewhere')
  t.equal(meant('xyzzy: 1'), undefined)
  for (const key of ['__proto__', 'constructor', 'toString', '<<', '""', '12', 'true']) {
    t.match(mistakesOf(`${key}: 1`), [/^a\.yaml:1:1: unknown setting/], key)
  }
})

t.test('each kind of mistake is found at its line and column', async t => {
  const cases: Record<string, string> = {
    'tcp: 24224': 'a.yaml:1:6: tcp: found 24224',
    'dataDir: true': 'a.yaml:1:10: dataDir: found true',
    'bucket:': 'a.yaml:1:8: bucket: found nothing',
    'bucket: ~': 'a.yaml:1:9: bucket: found nothing',
    'bucket: [a]': 'a.yaml:1:9: bucket: found a list',
    'bucket: { a: b }': 'a.yaml:1:9: bucket: found a mapping',
    'objects:\n  level: 20': 'a.yaml:2:10: objects.level: found 20',
    'objects:\n  level: "high"': 'a.yaml:2:10: objects.level: found "high"',
    'objects:\n  level: 1.5': 'a.yaml:2:10: objects.level: found 1.5',
    'objects:\n  maxAge: 60': 'a.yaml:2:11: objects.maxAge: found 60',
    'objects:\n  maxBytes: 1': 'a.yaml:2:13: objects.maxBytes: found 1',
    'objects:\n  compression: bzip2': 'a.yaml:2:16: objects.compression: found "bzip2"',
    'objects:\n  key: "{nonsense}"': 'a.yaml:2:8: objects.key: found "{nonsense}"',
    'objects: 5': 'a.yaml:1:10: objects: found 5',
    'objects: []': 'a.yaml:1:10: objects: found a list',
    'access:\n  statusKeys: st': 'a.yaml:2:15: access.statusKeys: found "st"',
    'access:\n  statusKeys:': 'a.yaml:2:14: access.statusKeys: found nothing',
    'access:\n  statusKeys:\n    - st\n    - [a]': 'a.yaml:4:7: access.statusKeys: found a list',
    'access:\n  statusKeys: [st, ""]': 'a.yaml:2:20: access.statusKeys: found ""',
    'http: off\nhttp: off': 'a.yaml:2:1: http: given twice, first at a.yaml:1:1',
    '? [a]\n: b': 'a.yaml:1:3: found a key that is not a word',
    '- a': 'a.yaml:1:1: found a list',
    sluice: 'a.yaml:1:1: found a text',
    'tcp: off\n---\nhttp: off': 'a.yaml:2:1: a second document begins here',
    'tcp: off\n\tbad': 'a.yaml:2:1: is not YAML: ',
    'tcp: "off': 'a.yaml:1:6: is not YAML: missing closing "quote',
    'http: off\ntcp: "off\nbucket: shop-logs\n': 'a.yaml:2:6: is not YAML: missing closing "quote',
    'filter:\n  include: [x\ntcp: off\n': 'a.yaml:2:12: is not YAML: flow sequence',
    'http: off\nenrich: ["a""b"]': 'a.yaml:2:13: is not YAML: missing , or :',
    'dataDir: /data\n  spool:\n    sync: never\n': 'a.yaml:1:10: is not YAML: a key stands behind the value of another',
    'tcp: *nobody': 'a.yaml:1:6: ',
    'tcp: *:24224': 'a.yaml:1:6: ',
  }
  for (const [text, expected] of Object.entries(cases)) {
    t.ok(problemsOf(text)[0]?.startsWith(expected), `${JSON.stringify(text)}: ${problemsOf(text).join(' | ')}`)
  }
})

t.test('all mistakes are reported at once, in the order of the text', async t => {
  t.same(problemsOf([
    'tpc: off',
    'spool:',
    '  sync: sometimes',
    '  maxStall: 5s',
    '  sync: never',
    'join: { partial: {} }',
    'log: { level: loud }',
  ].join('\n')), [
    'a.yaml:1:1: unknown setting "tpc"',
    'a.yaml:3:9: spool.sync: found "sometimes"',
    'a.yaml:4:13: spool.maxStall: found "5s"',
    'a.yaml:5:3: spool.sync: given twice, first at a.yaml:3:3',
    'a.yaml:6:9: join: unknown setting "partial"',
    'a.yaml:7:15: log.level: found "loud"',
  ])
})

t.test('mistakes before a syntax error are reported with it, guesses behind it are not', async t => {
  const problems = problemsOf('tpc: off\nspool: [\nlog: { level: loud }\n')
  t.equal(problems[0], 'a.yaml:1:1: unknown setting "tpc"')
  t.ok(problems.length > 1 && problems.slice(1).every(line => line.includes('is not YAML')), problems.join(' | '))
})

t.test('text nested without end, or with mistakes without end, ends in one mistake of its line', async t => {
  for (const piece of ['[', '{tcp: ', '- ', '? ', '&a ', '!!str ', '"']) {
    const problems = problemsOf(piece.repeat(20_000))
    t.equal(problems.length, 1, piece)
    t.match(problems[0], /^a\.yaml:1:\d+: is not YAML: /, piece)
  }
})

t.test('an unknown tag warns', async t => {
  const { values, warnings } = readYaml(settings, 'a.yaml', 'bucket: !secret shop\n')
  t.equal(values.get('bucket')?.value, 'shop')
  t.match(warnings, [/^a\.yaml:1:9: unresolved tag/i])
})

const lists = {
  words: { type: 'list', default: [], choices: ['cluster', 'task'], unique: 'item', doc: '', example: 'task' },
  pairs: {
    type: 'list', default: [], pattern: /^\w+=/, allowed: '`key=value`', maxItems: 2, unique: 'key', doc: '', example: 'a=b',
  },
  keys: { type: 'list', default: [], pattern: /^\w+$/, unique: 'item', secret: true, doc: '', example: 'a' },
} as const

t.test('every item of a list has its place: of another kind, given twice, one too many', async t => {
  const mistakes = (text: string) => readYaml(lists, 'a.yaml', text).mistakes.map(describeMistake)
  t.same(mistakes('words: [cluster, taks]\npairs:\n  - team=web\n  - team: web\n  - web\n'), [
    'a.yaml:1:18: words: found "taks"; allowed: `cluster`, `task`; did you mean task?',
    'a.yaml:4:5: pairs: found a mapping; allowed: `key=value`',
    'a.yaml:5:5: pairs: found "web"; allowed: `key=value`',
  ])
  t.same(mistakes('pairs: [a=1, b=2, a=3, d=4]\nwords: [task, task]'), [
    'a.yaml:1:19: pairs: "a" is given twice, first at a.yaml:1:9; allowed: a list of `key=value`, at most 2, no key twice',
    'a.yaml:1:19: pairs: found 4 items; allowed: a list of `key=value`, at most 2, no key twice',
    'a.yaml:2:15: words: "task" is given twice, first at a.yaml:2:9; allowed: a list of `cluster`, `task`, no item twice',
  ])
  t.same(mistakes('pairs: [a=1, b=1]\nwords: [task, cluster]'), [])
})

t.test('a mistake in a list of secrets does not show it', async t => {
  const { mistakes } = readYaml(lists, 'a.yaml', 'keys: [hunter2, hunter2, "hunter 2"]')
  t.same(mistakes.map(({ where, problem }) => `${where}: ${problem}`), [
    'a.yaml:1:17: an item is given twice, first at a.yaml:1:8', 'a.yaml:1:26: found an item that is not understood',
  ])
  t.notMatch(JSON.stringify(mistakes), 'hunter')
})

t.test('a mistake in a secret does not show it', async t => {
  const tree = { key: { type: 'string', default: '', pattern: /^x$/, doc: '', example: 'x', secret: true } } as const
  const [mistake] = readYaml(tree, 'a.yaml', 'key: hunter2').mistakes
  t.equal(mistake?.where, 'a.yaml:1:6')
  t.notMatch(JSON.stringify(mistake), 'hunter2')
})

t.test('a configuration of Fluent Bit is called one, and an option of it is the setting for the same', async t => {
  const whole = ['[SERVICE]\n    Flush 1\n', '# main\n\n[output]\n  Name s3\n', '@SET a=b\n[INPUT]\r\n  Name tcp\r\n', 'service:\n  flush: 1\npipeline:\n  inputs: []\n']
  for (const text of whole) t.match(mistakesOf(text), [/^a\.yaml:1:1: is a configuration of Fluent Bit, of which `sluice migrate FILE`/], text)
  t.match(mistakesOf('["bucket"]\n'), [/found a list/])
  t.match(mistakesOf('containers: { web: { prefix: p } }\n'), [/did you mean prefix, at the left margin\?$/])
  t.match(mistakesOf('total_file_size: 10M\nHTTP_Port: 2020\n'), [/did you mean objects\.maxBytes\?$/, /did you mean http\?$/])
  const paths = new Set(rowsOf(settings).map(({ path }) => path))
  for (const [theirs, ours] of ofFluentBit) t.ok(paths.has(ours), theirs)
})

t.test('a variable without braces is told the form that is filled in', async t => {
  t.match(mistakesOf('logGroup: $LOG_GROUP\n'), [/did you mean \$\{LOG_GROUP\}\?$/])
})

t.test('a line without a colon and a space is told what it lacks, in words that fit', async t => {
  t.same(mistakesOf('bucket shop-logs\nlogGroup: x\n'), ['a.yaml:1:1: is not YAML: expected `key: value`, with a colon and a space'])
  t.same(mistakesOf('bucket:shop-logs\nlogGroup:x\n'), ['a.yaml:1:1: found a text: expected `key: value`, with a colon and a space'])
  for (const text of ['bucket： shop-logs\nspool: {}\n', 'bucket： shop-logs\n', 'bucket:\u3000shop-logs\n']) t.match(mistakesOf(text), [/with a colon and a space: those of full width are none$/])
  t.match(mistakesOf('error: { format: json }\\nbucket: x'), [/^a\.yaml:1:24: is not YAML: `\\n` is two characters/])
  t.match(mistakesOf('spool:\nsync: always\nmaxBytes: 1GiB\n'), [/did you mean spool\.sync\?$/, /^a\.yaml:3:1: .*did you mean spool\.maxBytes\?$/])
  t.match(mistakesOf('spool:\nbucket: shop-logs\nmaxBytes: 1GiB\n'), [/unknown setting "maxBytes"; allowed/])
  t.match(mistakesOf('spool:\n\u3000sync: always\n'), [/^a\.yaml:2:1: unknown setting "\\u3000sync"; did you mean spool\.sync\?$/])
})

t.test('what is no text, or far too long, is not looked at', async t => {
  t.same(mistakesOf('\0'.repeat(100)), ['a.yaml:1:1: is no text; allowed: YAML in UTF-8'])
  t.same(mistakesOf(Buffer.from('bucket: a\n', 'utf16le').toString()), ['a.yaml:1:1: is no text; allowed: YAML in UTF-8'])
  t.same(mistakesOf('#'.repeat(2 * 1024 * 1024)), ['a.yaml:1:1: found 2MiB; allowed: up to 1MiB'])
})
