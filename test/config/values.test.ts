import t from 'tap'
import { rowsOf } from '../../src/config/rows.ts'
import type { ListSetting, Setting, SettingValue } from '../../src/config/setting.ts'
import { settings } from '../../src/config/settings.ts'
import { allowedOf } from '../../src/config/allowed.ts'
import { defaultOf, formatValue, parseListItem, parseScalar, type Scalar } from '../../src/config/values.ts'

type ScalarSetting = Exclude<Setting, { type: 'list' }>

const described = { doc: '', example: '' }
const rows = {
  string: { ...described, type: 'string', default: '' },
  pattern: { ...described, type: 'string', default: '', pattern: /^a*$/, allowed: 'only a' },
  template: { ...described, type: 'template', default: '{segment}', names: ['segment', 'ext'], required: ['segment'] },
  boolean: { ...described, type: 'boolean', default: true },
  integer: { ...described, type: 'integer', default: 5, min: 0, max: 10 },
  days: { ...described, type: 'integer', default: 0, min: 0, max: 7, values: [0, 1, 3, 7] },
  size: { ...described, type: 'size', default: '1KiB', min: '0B', max: '1MiB' },
  sizeOrOff: { ...described, type: 'size', default: '1KiB', min: '0B', max: '1MiB', canBeOff: true },
  durationOrOff: { ...described, type: 'duration', default: '1s', min: '1s', max: '1h', canBeOff: true },
  duration: { ...described, type: 'duration', default: '1s', min: '0s', max: '1m' },
  choice: { ...described, type: 'choice', default: 'gzip', choices: ['gzip', 'zstd'] },
  address: { ...described, type: 'address', default: '127.0.0.1:80' },
  addressOrOff: { ...described, type: 'address', default: '127.0.0.1:80', canBeOff: true },
  path: { ...described, type: 'path', default: '/', maxLength: 10, canBeOff: true },
  emptyPath: { ...described, type: 'path', default: '', canBeEmpty: true },
  mode: { ...described, type: 'mode', default: '0777' },
} as const satisfies Record<string, ScalarSetting>

/** As YAML hands it over: the value it makes of the characters, and the characters. */
function scalar (value: Scalar['value'], text = value === null ? '' : String(value)): Scalar {
  return { value, text }
}

t.test('each type takes what it says and gives it in the unit of the program', async t => {
  const cases: readonly [keyof typeof rows, Scalar, SettingValue][] = [
    ['string', scalar('shop'), 'shop'],
    ['string', scalar(''), ''],
    ['string', scalar(7, '007'), '007'],
    ['string', scalar('off'), 'off'],
    ['pattern', scalar('aa'), 'aa'],
    ['template', scalar('%Y/%%/{segment}.{ext}'), '%Y/%%/{segment}.{ext}'],
    ['boolean', scalar(false), false],
    ['boolean', scalar('false'), false],
    ['boolean', scalar('0'), false],
    ['boolean', scalar('No'), false],
    ['boolean', scalar('on'), true],
    ['boolean', scalar(1), true],
    ['integer', scalar(0), 0],
    ['integer', scalar('0'), 0],
    ['integer', scalar(10), 10],
    ['integer', scalar(5, '5.0'), 5],
    ['days', scalar('3'), 3],
    ['size', scalar(0), 0],
    ['size', scalar('0B'), 0],
    ['size', scalar('1MiB'), 1_048_576],
    ['sizeOrOff', scalar('off'), 'off'],
    ['durationOrOff', scalar('off'), 'off'],
    ['durationOrOff', scalar('5s'), 5_000],
    ['sizeOrOff', scalar(0), 0],
    ['duration', scalar(0), 0],
    ['duration', scalar('0s'), 0],
    ['duration', scalar('60s'), 60_000],
    ['choice', scalar('zstd'), 'zstd'],
    ['address', scalar('localhost:0'), { host: 'localhost', port: 0 }],
    ['address', scalar('[::1]:2020'), { host: '::1', port: 2020 }],
    ['addressOrOff', scalar('off'), 'off'],
    ['addressOrOff', scalar('OFF'), 'off'],
    ['addressOrOff', scalar(false), 'off'],
    ['path', scalar('off'), 'off'],
    ['path', scalar('./off'), './off'],
    ['path', scalar(7, '007'), '007'],
    ['emptyPath', scalar(''), ''],
    ['mode', scalar(777, '0777'), 0o777],
    ['mode', scalar(0o660, '0o660'), 0o660],
    ['mode', scalar('600'), 0o600],
  ]
  for (const [name, given, value] of cases) {
    t.same(parseScalar(rows[name], given), { kind: 'value', value }, `${name}: ${JSON.stringify(given)}`)
  }
})

t.test('a value of another type or out of range is a mistake, never something else', async t => {
  const cases: readonly [keyof typeof rows, ...Scalar[]][] = [
    ['string', scalar(null), scalar(true), scalar(false)],
    ['pattern', scalar('b')],
    ['template', scalar(''), scalar('{ext}'), scalar('{segment}{other}'), scalar('{segment}%'), scalar('{segment}%S'),
      scalar('{segment'), scalar('{segment}\n'), scalar(null)],
    ['boolean', scalar(null), scalar(''), scalar('maybe'), scalar(2)],
    ['integer', scalar(-1), scalar(11), scalar('11'), scalar(1.5), scalar('1.5'), scalar(''), scalar(null),
      scalar(true), scalar(NaN, '.nan'), scalar(Infinity, '.inf'), scalar('5s')],
    ['days', scalar(2), scalar(8)],
    ['size', scalar('1MB1'), scalar('2MiB'), scalar(-1), scalar(''), scalar(null), scalar(true), scalar('off')],
    ['duration', scalar(5), scalar('61s'), scalar(''), scalar(null), scalar('1')],
    ['choice', scalar('GZIP'), scalar(''), scalar(null), scalar(true)],
    ['address', scalar('off'), scalar(false), scalar(80), scalar(':80'), scalar('a:65536'), scalar('::1:80'),
      scalar('[::x]:80'), scalar('[127.0.0.1]:80'), scalar('tcp://a:80'), scalar('a b:80'), scalar('')],
    ['path', scalar(''), scalar('12345678901'), scalar('ééééé1'), scalar('a\0'), scalar(null), scalar(true)],
    ['mode', scalar('0888'), scalar('rwx'), scalar('7'), scalar('07777 '), scalar(''), scalar(null)],
  ]
  for (const [name, ...scalars] of cases) {
    for (const given of scalars) {
      t.match(parseScalar(rows[name], given), { kind: 'mistake', allowed: allowedOf(rows[name]) },
        `${name}: ${JSON.stringify(given)}`)
    }
  }
})

t.test('what was probably meant is said, and would be understood', async t => {
  const cases: readonly [keyof typeof rows, Scalar, string | undefined][] = [
    ['boolean', scalar('flase'), 'false'],
    ['size', scalar('64K'), '64KiB'],
    ['size', scalar('64M'), undefined],
    ['duration', scalar(5), '5s'],
    ['duration', scalar(500), undefined],
    ['choice', scalar('gzp'), 'gzip'],
    ['address', scalar(2020), '127.0.0.1:2020'],
    ['address', scalar(':2020'), '127.0.0.1:2020'],
    ['address', scalar('tcp://[::1]:80/'), '[::1]:80'],
    ['address', scalar('nowhere'), undefined],
    ['size', scalar('６４KiB'), '64KiB'],
    ['pattern', scalar('“aa”'), 'aa'],
    ['pattern', scalar('“bb”'), undefined],
    ['choice', scalar('gz'), 'gzip'],
  ]
  for (const [name, given, meant] of cases) {
    const parsed = parseScalar(rows[name], given)
    t.equal(parsed.kind === 'mistake' ? parsed.meant : 'a value', meant, `${name}: ${JSON.stringify(given)}`)
    if (meant !== undefined) t.equal(parseScalar(rows[name], scalar(meant)).kind, 'value')
  }
})

const list: ListSetting = { ...described, type: 'list', default: [] }
const words: ListSetting = { ...list, choices: ['cluster', 'task'], unique: 'item' }
const pairs: ListSetting = { ...list, pattern: /^\w+=/, allowed: '`key=value`', maxItems: 3, unique: 'key' }

t.test('an item of a list is text that is not empty', async t => {
  t.same(parseListItem(list, scalar('st')), { kind: 'value', value: 'st' })
  t.same(parseListItem(list, scalar(404, '0404')), { kind: 'value', value: '0404' })
  for (const item of [scalar(''), scalar(null), scalar(true)]) t.equal(parseListItem(list, item).kind, 'mistake')
})

t.test('a list may say which words or what kind of text its items are', async t => {
  t.same(parseListItem(words, scalar('task')), { kind: 'value', value: 'task' })
  t.match(parseListItem(words, scalar('taks')), { kind: 'mistake', allowed: '`cluster`, `task`', meant: 'task' })
  t.same(parseListItem(pairs, scalar('a=b=c')), { kind: 'value', value: 'a=b=c' })
  for (const item of [scalar('a'), scalar('=b'), scalar(null)]) {
    t.match(parseListItem(pairs, item), { kind: 'mistake', allowed: '`key=value`' })
  }
  t.same([list, words, pairs].map(allowedOf), [
    'a list of texts', 'a list of `cluster`, `task`, no item twice', 'a list of `key=value`, at most 3, no key twice',
  ])
  t.throws(() => defaultOf({ ...words, default: ['other'] }), TypeError)
})

t.test('every setting of the table has an understood default and another understood example', async t => {
  for (const { path, setting } of rowsOf(settings)) {
    const standard = defaultOf(setting)
    if (setting.type === 'list') continue
    const parsed = parseScalar(setting, scalar(setting.example))
    t.equal(parsed.kind, 'value', `${path}: ${setting.example}`)
    if (parsed.kind === 'value') t.notSame(parsed.value, standard, `${path}: the example says something new`)
    t.same(parseScalar(setting, scalar(formatValue(setting, standard))), { kind: 'value', value: standard }, path)
    t.match(setting.doc, /\.$/, `${path}: a sentence`)
  }
})

t.test('a table whose default is not understood fails at once', async t => {
  t.throws(() => defaultOf({ ...described, type: 'size', default: '1M', min: '0B', max: '1GiB' }), TypeError)
})

t.test('an item of a list of regular expressions is one that compiles', async t => {
  const patterns: ListSetting = { ...list, isRegex: true }
  t.equal(parseListItem(patterns, scalar('^a|b$')).kind, 'value')
  for (const item of ['(', '*a', '[z-a]']) t.equal(parseListItem(patterns, scalar(item)).kind, 'mistake', item)
})

t.test('an address that is one but for its port is told what is wrong with that', t => {
  const detailOf = (text: string) => {
    const parsed = parseScalar(rows.address, scalar(text))
    return parsed.kind === 'mistake' ? parsed.detail : parsed.kind
  }
  for (const text of ['127.0.0.1:65536', 'localhost:99999', '[::1]:240000']) t.equal(detailOf(text), 'a port is at most 65535', text)
  for (const text of ['localhost', ':80', 'a b:1', '[nope]:80', '::1:99999']) t.equal(detailOf(text), undefined, text)
  t.end()
})
