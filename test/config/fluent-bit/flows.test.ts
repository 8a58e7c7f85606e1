import t from 'tap'
import { parseClassic } from '../../../src/config/fluent-bit/classic.ts'
import { followTags, type Flow } from '../../../src/config/fluent-bit/flows.ts'
import { wordsOf } from '../../../src/config/fluent-bit/lines.ts'
import { variablesOf } from '../../../src/config/fluent-bit/sections.ts'
import { anyContainer, containersOf, tagOf } from '../../../src/config/fluent-bit/tags.ts'

function flowsOf (text: string) {
  const sections = parseClassic('f', text, variablesOf({})).parts.flatMap(part => 'kind' in part ? [] : [part])
  const containers = [anyContainer, ...containersOf(sections)]
  return { containers, ...followTags(sections, containers) }
}

/** Tags by `container.class`, with what only a line decides in brackets. */
function tagsOf ({ arrived }: { readonly arrived: readonly Flow[] }, container: string): Record<string, string[]> {
  const own = arrived.filter(flow => flow.container === container)
  return Object.fromEntries([...Map.groupBy(own, each => each.class)].map(([name, flows]) =>
    [name, flows.map(({ tag, conditions }) => `${tag.replace(tagOf(container), 'TAG')}${conditions.length > 0 ? `[${conditions.map(each => each.key).join()}]` : ''}`).sort()]))
}

const rewrite = (rules: string, match = '*') => `[FILTER]\n  Name rewrite_tag\n  Match ${match}\n${rules.split('\n').map(rule => `  Rule ${rule}`).join('\n')}\n`

t.test('lines go on under the tag that the first rule gives that takes them', async t => {
  t.same(tagsOf(flowsOf(''), anyContainer), { error: ['TAG'], access: ['TAG'], app: ['TAG'] })
  t.same(tagsOf(flowsOf(rewrite('$source ^stderr$ error.$TAG false\n$source .* rest.$TAG false')), anyContainer),
    { error: ['error.TAG'], access: ['rest.TAG'], app: ['rest.TAG'] })
  t.same(tagsOf(flowsOf(rewrite('$source ^(std...)$ $1.x false')), anyContainer), { error: ['stderr.x'], access: ['stdout.x'], app: ['stdout.x'] })
  t.same(tagsOf(flowsOf(rewrite('$source ^stderr$ copy true')), anyContainer), { error: ['TAG', 'copy'], access: ['TAG'], app: ['TAG'] })
  t.same(tagsOf(flowsOf(rewrite('$source . $source.$TAG[0] false')), anyContainer), { error: ['stderr.TAG'], access: ['stdout.TAG'], app: ['stdout.TAG'] })
})

t.test('a tag that a filter made passes all filters again, but not for ever the same one', async t => {
  const text = rewrite('$source stderr a.$TAG false', '*-firelens*') + rewrite('$source stderr b.$TAG false', 'a.*')
  t.same(tagsOf(flowsOf(text), anyContainer)['error'], ['b.a.TAG'])
  t.same(tagsOf(flowsOf(rewrite('$source . x.$TAG false')), anyContainer)['error'], ['x.TAG'])
})

t.test('a pattern that knows the form of access lines or of errors decides the class; what looks at the words is open', async t => {
  t.same(tagsOf(flowsOf(rewrite('$log ^\\{ json false')), anyContainer), { error: ['TAG'], access: ['json'], app: ['TAG', 'json[log]'] })
  t.same(tagsOf(flowsOf(rewrite('$log .* all false')), anyContainer), { error: ['all'], access: ['all'], app: ['all'] })
  t.same(tagsOf(flowsOf(rewrite('$log (ERROR|FATAL) err false')), anyContainer)['access'], ['TAG', 'err[log]'])
  t.same(tagsOf(flowsOf(rewrite("$log['level'] ^error$ err false")), anyContainer)['error'], ['TAG', 'err[log.level]'])
})

t.test('containers are those that the file names, by tag or by name, on Fargate and on EC2', async t => {
  for (const [text, names] of [
    ['[OUTPUT]\n Match web-firelens*', ['web']],
    ['[OUTPUT]\n Match error.web-api-firelens-*', ['web-api']],
    ['[OUTPUT]\n Match web*', ['web']],
    ['[OUTPUT]\n Match error*', []],
    [rewrite('$source . app.$TAG false') + '[OUTPUT]\n Match app*', []],
    ['[OUTPUT]\n Match_Regex ^(web|api)-firelens-.*', ['web', 'api']],
    ['[OUTPUT]\n Match_Regex ^(?!batch).*', ['batch']],
    ['[OUTPUT]\n Match_Regex .*-firelens-.*', []],
    [rewrite('$container_name ^/?(web|worker)$ x false'), ['web', 'worker']],
    [rewrite('$container_name /ecs-.*-web-[0-9a-f]+$ x false'), ['web']],
    ["[STREAM_TASK]\n Exec CREATE STREAM a WITH (tag='a') AS SELECT * FROM TAG:'*' WHERE container_name = 'web';", ['web']],
  ] as const) t.same(flowsOf(text).containers.slice(1), names, text)
  const byName = flowsOf(rewrite('$container_name -web- web.$TAG false'))
  t.same(tagsOf(byName, 'web')['error'], ['web.TAG'])
  t.same(tagsOf(byName, anyContainer)['error'], ['TAG'])
})

t.test('a task of the stream processor copies lines under its tag', async t => {
  const task = (from: string, where: string) => `[STREAM_TASK]\n  Exec CREATE STREAM s WITH (tag='made') AS SELECT * FROM ${from}${where};\n`
  t.same(tagsOf(flowsOf(task("TAG:'*-firelens-*'", " WHERE source = 'stderr'")), anyContainer), { error: ['TAG', 'made'], access: ['TAG'], app: ['TAG'] })
  t.same(tagsOf(flowsOf(task('STREAM:forward.0', '')), anyContainer)['app'], ['TAG', 'made'])
  t.same(tagsOf(flowsOf(task("TAG:'*'", " WHERE level = 'debug' AND source = 'stdout'")), anyContainer),
    { error: ['TAG'], access: ['TAG', 'made[level]'], app: ['TAG', 'made[level]'] })
  t.same(tagsOf(flowsOf(task("TAG:'*'", " WHERE source = 'stdout' OR source = 'stderr'")), anyContainer)['error'], ['TAG', 'made'])
  t.same(tagsOf(flowsOf(task("TAG:'other*'", '')), anyContainer)['error'], ['TAG'])
})

t.test('what a grep on the stream or the container leaves out whole arrives nowhere, and is kept for what is said', async t => {
  const flows = flowsOf('[FILTER]\n  Name grep\n  Match *\n  Regex source ^stderr$\n  Exclude log debug\n')
  t.same(tagsOf(flows, anyContainer), { error: ['TAG'] })
  t.same([...flows.dropped.values()].flat().map(each => each.class), ['access', 'app'])
})

t.test('an input gives its tag, or what stands before it', async t => {
  t.same(tagsOf(flowsOf('[INPUT]\n  Name forward\n  unix_path /s\n  Tag_Prefix ecs.\n[INPUT]\n  Name forward\n  Port 1\n'), anyContainer)['error'], ['ecs.TAG'])
  t.same(tagsOf(flowsOf('[INPUT]\n  Name forward\n  Tag one\n'), anyContainer)['error'], ['one'])
})

t.test('lines are named as an operator would', async t => {
  const of = (container: string, ...classes: readonly ('error' | 'access' | 'app')[]) => classes.map(each => ({ container, class: each }))
  for (const [lines, words] of [
    [[...of(anyContainer, 'error'), ...of('web', 'error')], 'the lines of stderr of all containers'],
    [of('web', 'error', 'access', 'app'), 'all lines of web'],
    [of(anyContainer, 'access', 'app'), 'the lines of stdout of other containers'],
    [of('web', 'access'), 'the access lines of web'],
    [of('web', 'app'), 'the other lines of stdout of web'],
    [of('web', 'error', 'access'), 'the lines of stderr and the access lines of web'],
  ] as const) t.equal(wordsOf(lines, [anyContainer, 'web']), words)
})
