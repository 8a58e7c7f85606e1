import t from 'tap'
import { keyTemplate, nameTemplate } from '../../../src/config/fluent-bit/templates.ts'
import { parseScalar } from '../../../src/config/values.ts'
import { objectKey } from '../../../src/sinks/names.ts'
import { settings } from '../../../src/config/settings.ts'
import { makeSegment } from '../../support/segments.ts'

t.test('a key format keeps its path down to the hour, and says what is in the object', async t => {
  const web = (format: string, delimiters = '.') => keyTemplate(format, 'web', delimiters)
  for (const [format, key] of [
    ['/fluent-bit-logs/$TAG/%Y/%m/%d/%H/%M/%S', 'fluent-bit-logs/{container}-firelens-{task}/%Y/%m/%d/%H-{segment}.{ext}'],
    ['/$TAG/%Y/%m/%d/%H_%M_%S-$UUID.gz', '{container}-firelens-{task}/%Y/%m/%d/%H-{segment}.{ext}'],
    ['logs/dt=%F/hour=%H/$UUID', 'logs/dt=%Y-%m-%d/hour=%H/{segment}.{ext}'],
    ['logs/%Y%m%d/$INDEX.json.gz', 'logs/%Y%m%d/{segment}.json.{ext}'],
    ['logs/%Y%m%d%H%M%S.json', 'logs/%Y%m%d%H-{segment}.json.{ext}'],
    ['a/%T.gz', 'a/%H-{segment}.{ext}'],
  ] as const) {
    t.equal(web(format), key, format)
    t.match(parseScalar(settings.objects.settings.key, { value: key, text: key }), { kind: 'value' }, `${key} is a key of ours`)
  }
})

t.test('parts of the tag are those of the one container', async t => {
  t.equal(keyTemplate('/$TAG[0]/$TAG[2]/$UUID', 'web', '-'), 'web/{task}/{segment}.{ext}')
  t.equal(keyTemplate('/$TAG[0]/$UUID', 'web-api', '-'), 'web/{segment}.{ext}')
  t.equal(keyTemplate('/$TAG[0]/$UUID', 'web', '.'), 'web-firelens-{task}/{segment}.{ext}')
  t.equal(keyTemplate('/$TAG[0]/$UUID', undefined, '-'), undefined, 'of all containers it is not known')
  t.equal(keyTemplate('/$TAG[9]/$UUID', 'web', '-'), undefined)
})

t.test('a format that has no counterpart is none, not another key', async t => {
  for (const format of ['%j/$UUID', '%y/$UUID', 'a{b}/$UUID', '$UNKNOWN/$UUID', '%e/$UUID']) {
    t.equal(keyTemplate(format, 'web', '.'), undefined, format)
  }
})

t.test('the key of a segment follows the compression', async t => {
  const template = keyTemplate('/logs/%Y/%m/%d/%H/$UUID.gz', 'web', '.') ?? ''
  const segment = makeSegment(t.testdir({}), ['{}'])
  t.equal(objectKey(segment, template, 'gz', {}), `logs/2026/11/23/10/${segment.id}.gz`)
  t.equal(objectKey(segment, template, '', {}), `logs/2026/11/23/10/${segment.id}`)
})

t.test('names of the older plugin keep what is known of a task', async t => {
  t.equal(nameTemplate('$(ecs_cluster)/$(ecs_task_id)'), '{cluster}/{task}')
  t.equal(nameTemplate('100% plain'), '100%% plain')
  t.equal(nameTemplate('$(tag[0])'), undefined)
  t.equal(nameTemplate('a{b}'), undefined)
})
