import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { variablesOf } from '../../../src/config/fluent-bit/sections.ts'
import { parseTaskDefinition } from '../../../src/config/fluent-bit/task-definition.ts'
import { settings } from '../../../src/config/settings.ts'
import { readerOf } from '../../support/read-file.ts'

const router = { name: 'log_router', firelensConfiguration: { type: 'fluentbit', options: { 'config-file-type': 'file', 'config-file-value': '/fluent-bit/conf/extra.conf' } }, environment: [{ name: 'STORE', value: 'shop-logs' }] }
const web = { name: 'web', logConfiguration: { logDriver: 'awsfirelens', options: { Name: 's3', bucket: 'web-logs', 'exclude-pattern': 'ELB', 'include-pattern': 'GET' }, secretOptions: [{ name: 'role_arn', valueFrom: 'arn:x' }] } }

function read (definition: unknown, files: Readonly<Record<string, string>> = {}) {
  const text = JSON.stringify(definition, null, 2)
  const { values, open, leftovers } = readFluentBit(settings, { file: 'dir/task.json', env: {}, readFile: readerOf({ ...files, 'dir/task.json': text }) })
  return { said: Object.fromEntries([...values].map(([path, { value }]) => [path, value])), open, leftovers }
}

const extra = '[OUTPUT]\n  Name cloudwatch_logs\n  Match worker-firelens*\n  log_group_name /$' + '{STORE}\n'

t.test('options of containers are read as ECS does, with the file of the image where it lies beside', async t => {
  const bare = { containerDefinitions: [router, web] }
  for (const definition of [bare, { taskDefinition: bare }, [router, web]]) {
    const { said, open, leftovers } = read(definition, { 'dir/extra.conf': extra })
    t.same(said, {
      'containers.web.bucket': 'web-logs',
      'containers.web.include': ['GET'],
      'containers.web.exclude': ['ELB'],
      'containers.worker.logGroup': '/shop-logs',
    })
    t.match(open.get('containers.web.roleArn'), { names: ['role_arn_1'] })
    t.same(leftovers, [])
  }
})

t.test('a file of the image that is not there, or in S3, is said', async t => {
  t.match(read([router, web]).leftovers, [{ option: '@INCLUDE extra.conf', hint: /cannot be read/ }])
  const inS3 = { ...router, firelensConfiguration: { options: { 'config-file-type': 's3', 'config-file-value': 'arn:aws:s3:::b/extra.conf' } } }
  t.match(read([inS3, web]).leftovers, [{ option: '@INCLUDE arn:aws:s3:::b/extra.conf', hint: /fetch it/ }])
})

t.test('each option has the line of the definition where it stands', async t => {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/migrate/task-definition.json'), 'utf8')
  const [, output] = (parseTaskDefinition('t', text, variablesOf({}))?.parts ?? []).flatMap(part => 'kind' in part ? [] : [part])
  for (const { key, value, where } of output?.entries ?? []) {
    if (key === 'Match') continue
    t.ok(text.split('\n')[Number(where.split(':')[1]) - 1]?.includes(value), `${key} at ${where}`)
  }
})

t.test('what is no task definition is none', async t => {
  for (const text of ['', '{}', '[', '{"containerDefinitions": 1}', 'null', '{"a": [', '[[SERVICE]]']) {
    const found = parseTaskDefinition('t', text, variablesOf({}))
    t.ok(found === undefined || found.parts.length === 0, text)
  }
  t.same(parseTaskDefinition('t', '[null, 1, {"name": {}, "logConfiguration": 3}]', variablesOf({}))?.parts, [])
})
