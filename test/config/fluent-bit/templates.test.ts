import t from 'tap'
import { groupName, keyTemplate, nameTemplate, type Naming } from '../../../src/config/fluent-bit/templates.ts'
import { anyContainer, tagOf } from '../../../src/config/fluent-bit/tags.ts'
import { parseScalar } from '../../../src/config/values.ts'
import { objectKey } from '../../../src/sinks/names.ts'
import { settings } from '../../../src/config/settings.ts'
import { makeSegment } from '../../support/segments.ts'

/** How text refers to a variable. */
const of = (name: string) => '$' + `{${name}}`

function naming (container: string, tag = tagOf(container), records: Readonly<Record<string, string>> = {}): Naming {
  return { container, tag, records: new Map(Object.entries(records)) }
}
const keyOf = (format: string, container: string, delimiters = '.', tag = tagOf(container)) =>
  keyTemplate(format, naming(container, tag), delimiters)?.text

t.test('a key format keeps its path down to the hour, and says what is in the object', async t => {
  for (const [format, key] of [
    ['/fluent-bit-logs/$TAG/%Y/%m/%d/%H/%M/%S', 'fluent-bit-logs/{container}-firelens-{task}/%Y/%m/%d/%H-{segment}.{ext}'],
    ['/$TAG/%Y/%m/%d/%H_%M_%S-$UUID.gz', '{container}-firelens-{task}/%Y/%m/%d/%H-{segment}.{ext}'],
    ['logs/dt=%F/hour=%H/$UUID', 'logs/dt=%Y-%m-%d/hour=%H/{segment}.{ext}'],
    ['logs/%Y%m%d/$INDEX.json.gz', 'logs/%Y%m%d/{segment}.json.{ext}'],
    ['logs/%Y%m%d%H%M%S.json', 'logs/%Y%m%d%H-{segment}.json.{ext}'],
    ['a/%T.gz', 'a/%H-{segment}.{ext}'],
    [`${of('STAGE')}/%Y/$UUID`, `${of('STAGE')}/%Y/{segment}.{ext}`],
    ['task=$(ecs_task_id)/c=$(container_name)/$UUID', 'task={task}/c={container}/{segment}.{ext}'],
  ] as const) {
    t.equal(keyOf(format, 'web'), key, format)
    if (key.includes('$')) continue
    t.match(parseScalar(settings.objects.settings.key, { value: key, text: key }), { kind: 'value' }, `${key} is a key of ours`)
  }
})

t.test('a field of time that keys do not have becomes the nearest, and that is said', async t => {
  for (const [format, key, said] of [
    ['%j/$UUID', '%m-%d/{segment}.{ext}', '%j'],
    ['%y/%b/%e/$UUID', '%Y/%m/%d/{segment}.{ext}', '%y'],
    ['%Y/%I%p/$UUID', '%Y/%H/{segment}.{ext}', '%I'],
    ['%H-%M/$UUID', '%H/{segment}.{ext}', 'the hour'],
  ] as const) {
    const found = keyTemplate(format, naming('web'), '.')
    t.equal(found?.text, key, format)
    t.ok(found?.changes.some(change => change.includes(said)), said)
  }
  t.same(keyTemplate('%Y/%m/%d/%H/$UUID', naming('web'), '.')?.changes, [])
})

t.test('parts of the tag are those of the container, by any delimiters, also of a tag that a filter made', async t => {
  t.equal(keyOf('/$TAG[0]/$TAG[2]/$UUID', 'web', '-'), 'web/{task}/{segment}.{ext}')
  t.equal(keyOf('/$TAG[0]/$UUID', 'web-api', '-'), 'web/{segment}.{ext}')
  t.equal(keyOf('/$TAG[0]/$UUID', 'web', '.'), '{container}-firelens-{task}/{segment}.{ext}')
  t.equal(keyOf('/$TAG[2]/$TAG[0]/$UUID', anyContainer, '.-'), '{task}/{container}/{segment}.{ext}')
  t.equal(keyOf('/$TAG[0]/$TAG[1]/$UUID', 'web', '.-', `error.${tagOf('web')}`), 'error/web/{segment}.{ext}')
  t.equal(keyOf('/$TAG/$UUID', anyContainer, '.', `error.${tagOf(anyContainer)}`), 'error.{container}-firelens-{task}/{segment}.{ext}')
  t.match(keyTemplate('/$TAG[0]/$UUID', naming(anyContainer), '-')?.changes, [/names have none of -/])
  t.equal(keyOf('/$TAG[9]/$UUID', 'web', '-'), undefined)
})

t.test('a format that has no counterpart is none, not another key', async t => {
  for (const format of ['a{b}/$UUID', '$UNKNOWN/$UUID', '%q/$UUID', '$(other)/$UUID']) t.equal(keyOf(format, 'web'), undefined, format)
})

t.test('the key of a segment follows the compression', async t => {
  const template = keyOf('/logs/%Y/%m/%d/%H/$UUID.gz', 'web') ?? ''
  const segment = makeSegment(t.testdir({}), ['{}'])
  t.equal(objectKey(segment, template, 'gz', {}), `logs/2026/11/23/10/${segment.id}.gz`)
  t.equal(objectKey(segment, template, '', {}), `logs/2026/11/23/10/${segment.id}`)
})

t.test('names of streams keep what is known of a task', async t => {
  const web = naming('web', `error.${tagOf('web')}`, { stage: 'live' })
  for (const [text, name] of [
    ['$(ecs_cluster)/$(ecs_task_id)', '{cluster}/{task}'],
    ['$(ecs_task_definition)', '{family}.{revision}'],
    ['100% plain', '100%% plain'],
    ['$(container_name)-$(stage)', '{container}-live'],
    ['$(tag)', 'error.{container}-firelens-{task}'],
    ['$(tag[0])/$(tag[1])', 'error/{container}-firelens-{task}'],
    [`/logs/${of('HOSTNAME')}`, `/logs/${of('HOSTNAME')}`],
    ['$(tag[7])', undefined],
    ['$(ecs_task_arn)', undefined],
    ['a{b}', undefined],
  ] as const) t.equal(nameTemplate(text, web), name, text)
  t.equal(nameTemplate('$ecs_task_id.$TAG[0].$container_name', web, true), '{task}.error.{container}')
  t.equal(nameTemplate("$kubernetes['pod_name']", web, true), undefined)
})

t.test('the name of a group is text: what the file says of it is filled in, and the rest is named', async t => {
  const records = { ecs_cluster: 'shop', ecs_task_definition: 'pay:7', stage: 'live' }
  for (const [text, found] of [
    ['/a/$(ecs_cluster)/$(stage)', { text: '/a/shop/live' }],
    ['/a/$(ecs_task_definition_family)/$(container_name)', { text: '/a/pay/web' }],
    ['/$(tag[0])', { text: '/error' }],
    ['/a/$(tag)', { unknown: '$(tag)' }],
    ['/a/$(ecs_task_id)', { unknown: '$(ecs_task_id)' }],
  ] as const) t.same(groupName(text, naming('web', `error.${tagOf('web')}`, records)), found, text)
  t.same(groupName('/a/$(container_name)', naming(anyContainer)), { unknown: '$(container_name)' })
  t.same(groupName('/a/$container_name/$TAG[0]', naming('web', 'x.y'), true), { text: '/a/web/x' })
})
