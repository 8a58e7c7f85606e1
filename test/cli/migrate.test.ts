import { Readable, Writable } from 'node:stream'
import t from 'tap'
import { runMigrate } from '../../src/cli/migrate.ts'
import { loadConfig } from '../../src/config/load.ts'
import { readFluentBit } from '../../src/config/fluent-bit/read.ts'
import { settings } from '../../src/config/settings.ts'
import { firelensConfig } from '../support/firelens-config.ts'
import { readerOf } from '../support/read-file.ts'

interface Given {
  readonly check?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

async function migrate (file: string, files: Readonly<Record<string, string>> = {}, given: Given = {}) {
  const written = { out: '', error: '' }
  const into = (name: keyof typeof written) => new Writable({
    write (chunk: Buffer, _encoding, done) {
      written[name] += chunk.toString()
      done()
    },
  })
  const { check = false, env = {}, stdin = '' } = given
  const io = { env, stdin: Readable.from([stdin]), stdout: into('out'), stderr: into('error'), readFile: readerOf(files) }
  const code = await runMigrate(io, { file, check })
  return { code, ...written }
}

const file = firelensConfig({
  network: 'awsvpc',
  containers: {
    web: { Name: 'cloudwatch_logs', log_group_name: '/web', log_stream_prefix: '100% # "web"/', retry_limit: '2', 'exclude-pattern': 'ELB: #' },
    batch: { Name: 's3', bucket: 'batch-logs', s3_key_format: '/%Y/%m/%d/$UUID.gz' },
  },
})

t.test('what is printed is YAML that says the same as the file', async t => {
  const { code, out, error } = await migrate('f.conf', { 'f.conf': file })
  t.equal(code, 0)
  const { values } = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': file }) })
  const { origins, config, warnings } = loadConfig({ env: { SLUICE_CONFIG_YAML: out }, readFile: readerOf({}) })
  t.same(warnings, [])
  t.same([...origins.keys()].sort(), [...values.keys()].filter(path => !path.startsWith('ecs.')).sort())
  t.same(config.containers, {
    web: { logGroup: '/web', stream: '100%% # "web"/{container}-firelens-{task}', exclude: ['ELB: #'] },
    batch: { bucket: 'batch-logs', key: '%Y/%m/%d/{segment}.{ext}' },
  })
  t.match(out, /\n# What changes:\n# {3}f\.conf:\d+ {2}\[OUTPUT\] cloudwatch_logs of web: retry_limit {2}a failed request is retried/)
  t.match(error, /everything is carried over/)
})

t.test('a file that is not there ends with a code and says what was expected', async t => {
  t.match(await migrate('none.conf'), { code: 66, out: '', error: /cannot read "none\.conf": ENOENT/ })
})
