import t from 'tap'
import { segmentsOf } from '../../../src/config/fluent-bit/keys.ts'
import { beforeNesting, nestingOf } from '../../../src/config/fluent-bit/nest.ts'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { settings } from '../../../src/config/settings.ts'
import { readerOf } from '../../support/read-file.ts'

const filter = (name: string, options: string, match = '*') => `[FILTER]\n Name ${name}\n Match ${match}\n ${options.replaceAll('\n', '\n ')}\n`
const parser = filter('parser', 'Key_Name log\nParser json')

function read (text: string) {
  const { values, leftovers, notes } = readFluentBit(settings, { file: 'f', env: {}, readFile: readerOf({ f: text }) })
  const rules = (values.get('rules')?.value ?? []) as readonly object[]
  const saidOf = (list: readonly { readonly section: string, readonly hint: string }[]) => list.map(({ section, hint }) => `${section}: ${hint}`)
  return { rules, left: saidOf(leftovers), notes: saidOf(notes) }
}

const nesting = (options: string) => nestingOf({
  name: 'FILTER', where: 'f:1', entries: options.split('\n').map(line => ({ key: line.split(' ')[0] ?? '', value: line.split(' ')[1] ?? '', where: 'f:1' })),
})

t.test('a record accessor is a path of keys', async t => {
  for (const [field, segments] of [
    ['$a', ['a']], ['a', ['a']], ['$a.b', ['a.b']], ["$a['b']", ['a', 'b']], ["$a['b.c']['d']", ['a', 'b.c', 'd']], ["$a['it''s']", ['a', "it's"]],
    ['$a[0]', ['a[0]']], ["$a['b'][12]['c']", ['a', 'b[12]', 'c']], ['$a[0][01]', ['a[0][1]']], ['$a[]', undefined],
  ] as const) t.same(segmentsOf(field), segments, field)
})

t.test('a key that a nest filter moved is found where the line has it', async t => {
  for (const [options, seen, paths] of [
    ['Operation lift\nNested_under ctx\nAdd_prefix c_', 'c_user', ['ctx.user']],
    ['Operation lift\nNested_under ctx\nAdd_prefix c_', 'level', ['level']],
    ['Operation lift\nNested_under ctx\nPrefix_with c_', 'c_user', ['ctx.user']],
    ['Operation lift\nNested_under ctx', 'user', ['user', 'ctx.user']],
    ['Operation lift\nNested_under ctx', 'ctx', []],
    ['Operation lift\nNested_under ctx\nRemove_prefix x_', 'a', ['a', 'ctx.x_a', 'ctx.a']],
    ['Operation nest\nNest_under http\nWildcard req_*\nRemove_prefix req_', 'http.path', ['req_path']],
    ['Operation nest\nNest_under http\nWildcard status\nWildcard pa*', 'http.status', ['status']],
    ['Operation nest\nNest_under http\nWildcard status\nAdd_prefix h_', 'http.h_status', ['status']],
    ['Operation nest\nNest_under http\nWildcard status\nAdd_prefix h_', 'http.status', []],
    ['Operation nest\nNest_under http\nWildcard status', 'status', []],
    ['Operation nest\nNest_under http\nWildcard status', 'path', ['path']],
  ] as const) {
    const found = nesting(options)
    t.same(found === undefined ? undefined : beforeNesting(found, seen.split('.')).map(path => path.join('.')), paths, `${options}: ${seen}`)
  }
  for (const options of ['Operation lift', 'Operation flat\nNested_under a', 'Operation lift\nNested_under a\nAdd_prefix b\nRemove_prefix c']) {
    t.equal(nesting(options), undefined, options)
  }
})

t.test('filters behind a nest filter ask for the key that the line has', async t => {
  const lift = (options: string, match = '*') => filter('nest', `Operation lift\nNested_under context${options}`, match)
  const exclude = (options: string) => filter('grep', `Exclude ${options}`)
  const ruleOf = (keys: object) => ({ when: { keys }, filter: true })
  t.match(read(parser + lift('\nAdd_prefix c_') + exclude('c_user ^bot')).rules, [ruleOf({ 'context.user': ['~^bot'] })])
  t.match(read(parser + lift('') + exclude('user ^bot')).rules, [ruleOf({ user: ['~^bot'] }), ruleOf({ 'context.user': ['~^bot'] })],
    'a lift without a prefix leaves two places')
  t.match(read(parser + lift('') + filter('grep', 'Regex user ^bot')).left, [/nest/, /from several places/])
  t.match(read(parser + exclude("$context['user'] ^bot") + lift('')).rules, [ruleOf({ 'context.user': ['~^bot'] })], 'one before it does not')
  t.match(read(parser + lift('') + exclude("$context['user'] ^bot")).left, [/nest/, /took that key away/])
  t.match(read(parser + lift('', 'web-firelens*') + exclude('user ^bot')).left, [/nest/, /keys of some of these lines/])
  const twice = lift('\nAdd_prefix c_') + filter('nest', 'Operation lift\nNested_under c_user\nAdd_prefix u_')
  t.match(read(parser + twice + exclude('u_id ^7$')).rules, [ruleOf({ 'context.user.id': ['~^7$'] })])
  const modify = (options: string) => read(parser + lift('\nAdd_prefix c_') + filter('modify', options))
  t.match(modify('Condition Key_exists c_user\nSet who known').rules, [{ when: { keys: { 'context.user': ['*'] } }, add: { who: 'known' } }])
  t.match(modify('Remove c_password').left, [/nest/, /lines have it as context.password, .* remove it where you query/])
  t.same(modify('Remove pid').rules.length, 1)
})

t.test('what a nest filter did is told, with the names to write instead, and what it cannot have done needs nothing', async t => {
  const toldOf = (options: string, before = parser) => read(before + filter('nest', options))
  t.match(toldOf('Operation lift\nNested_under context\nAdd_prefix c_').left,
    [/all lines of all containers go on as they are, .*says c_KEY write context.KEY \(Athena: json_extract_scalar\(context, '\$.KEY'\)\)/])
  t.match(toldOf('Operation nest\nNest_under http\nWildcard req_*\nAdd_prefix x_').left, [/req_\* being keys of the line itself: where a query says http.x_KEY write KEY/])
  t.match(toldOf('Operation nest\nNest_under ecs\nWildcard ecs_*\nWildcard container_*').left, [/no ecs to make; enrich adds fields of ECS/])
  t.match(toldOf('Operation lift\nNested_under context', ''), { left: [], notes: [/nothing read lines as JSON, so no record had context/] })
  t.match(toldOf('Operation lift').left, [/Fluent Bit does not start with it/])
})
