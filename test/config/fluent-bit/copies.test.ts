import t from 'tap'
import { routeName } from '../../../src/config/fluent-bit/copies.ts'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { settings } from '../../../src/config/settings.ts'
import { readerOf } from '../../support/read-file.ts'

function read (text: string) {
  const { values, leftovers } = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': text }) })
  const said = Object.fromEntries([...values].map(([path, { value }]) => [path, value]))
  return { said, left: leftovers.map(({ hint }) => hint) }
}

const group = (match: string, name: string) => `[OUTPUT]\n Name cloudwatch_logs\n Match ${match}\n log_group_name ${name}\n log_stream_name s\n`
const bucket = (match: string, name: string, more = '') => `[OUTPUT]\n Name s3\n Match ${match}\n bucket ${name}\n ${more}\n`

t.test('lines that went to two buckets go to both', async t => {
  const { said, left } = read(bucket('*', 'one') + bucket('*', 'two', 'storage.total_limit_size 2G'))
  t.same(left, [])
  t.match(said, {
    bucket: 'one',
    'routes.two.to': 's3',
    'routes.two.bucket': 'two',
    'routes.two.maxBytes': 2_000_000_000,
    ...Object.fromEntries(['access', 'app', 'error', 'invalid'].map(name => [`routes.${name}.copyTo`, ['two']])),
  })
})

t.test('all lines of one container are copied by its own setting, some classes of it by a rule', async t => {
  const whole = read(bucket('*', 'one') + bucket('web-firelens-*', 'audit') + group('web-firelens-*', '/web')).said
  t.match(whole, { 'containers.web.bucket': 'audit', 'containers.web.logGroup': '/web', 'containers.web.copyTo': ['one'], 'routes.one.bucket': 'one' })
  const split = '[FILTER]\n Name rewrite_tag\n Match *-firelens-*\n Rule $source ^stderr$ err.$TAG false\n'
  const some = read(`${split}${group('err.*', '/err')}${bucket('web-*', 'web')}${bucket('*-firelens-*', 'all')}`).said
  t.match(some['rules'], [{ name: 'copy-1', when: { class: ['access', 'invalid', 'app'], container: ['web'] }, copyTo: ['all'] }])
})

t.test('a destination whose name the file does not say takes no copies, and is named', async t => {
  const { said, left } = read(bucket('*', 'one') + bucket('*', `$${'{NOT_SET}'}`))
  t.notOk(Object.keys(said).some(path => path.startsWith('routes.') && !path.endsWith('.to')), JSON.stringify(said))
  t.match(left.join('\n'), /go to s3:\/\/one here/)
})

t.test('routes have names that are allowed and differ', async t => {
  t.equal(routeName('/shop/all', new Set()), 'shop-all')
  t.equal(routeName('s3://Shop.Logs', new Set(['shop-logs'])), 'shop-logs-2')
  t.equal(routeName('/access', new Set()), 'copy-access')
  t.match(routeName(`/${'long/'.repeat(20)}`, new Set()), /^[a-z\d][a-z\d-]{0,31}$/)
  t.equal(routeName('///', new Set()), 'copy')
})
