import t from 'tap'
import { startWords } from '../../src/cli/start-words.ts'

const routes = [
  { route: 'access', sink: 's3', destination: 's3://shop-logs/' },
  { route: 'error', sink: 'cloudwatch', destination: '/ecs/shop/error' },
  { route: 'app', sink: 's3', destination: 's3://shop-logs/' },
]
const tcp = { host: '127.0.0.1', port: 24_224 }

t.test('a start says where lines come from, where each kind goes, and where to look', async t => {
  const words = startWords({ unixSocket: '.sluice/fluent.sock', tcp, http: { host: '0.0.0.0', port: 2020 } }, routes, false)
  t.equal(words, `Lines that come on .sluice/fluent.sock and 127.0.0.1:24224 go by their class to
  access, app: objects below s3://shop-logs/
  error: the log group /ecs/shop/error
What waits and why: http://127.0.0.1:2020/health
Ctrl-C delivers what is there and ends.
`)
})

t.test('what is off is not named', async t => {
  const words = startWords({ unixSocket: 'off', tcp: 'off', http: 'off' }, routes, true)
  t.match(words, /^Lines of standard input go/)
  t.notMatch(words, /http|24224/)
})
