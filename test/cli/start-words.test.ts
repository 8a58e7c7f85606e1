import t from 'tap'
import { startWords } from '../../src/cli/start-words.ts'

const routes = [
  { route: 'access', sink: 's3', destination: 's3://shop-logs/' },
  { route: 'error', sink: 'cloudwatch', destination: '/ecs/shop/error' },
  { route: 'app', sink: 's3', destination: 's3://shop-logs/' },
]
const httpAddress = { host: '0.0.0.0', port: 2020 }
const open = { sources: [{ name: 'unix', isOpen: true }, { name: 'tcp', isOpen: true }], httpAddress }
const tcp = { host: '127.0.0.1', port: 24_224 }

t.test('a start says where lines come from, where each kind goes, and where to look', async t => {
  const words = startWords({ unixSocket: '.sluice/fluent.sock', tcp, http: { host: '0.0.0.0', port: 0 }, httpPage: 'auto' }, routes, open)
  t.equal(words, `Lines are taken on .sluice/fluent.sock and on 127.0.0.1:24224.
Access lines and other lines go to objects below s3://shop-logs/.
Errors go to the log group /ecs/shop/error.
Open http://127.0.0.1:2020/ to see what goes where, what waits, and why.
Ctrl-C delivers what is there and ends.
`)
})

t.test('what is off is not named', async t => {
  const words = startWords({ unixSocket: 'off', tcp: 'off', http: 'off', httpPage: 'auto' }, routes, { sources: [{ name: 'stdin', isOpen: true }], httpAddress: undefined })
  t.match(words, /^Lines are read from standard input\./)
  t.notMatch(words, /http|24224/)
})

t.test('without a page, the start names the path that is there, and a route of one\'s own has its name', async t => {
  const http = { host: '::', port: 2020 }
  const words = startWords({ unixSocket: 'off', tcp, http, httpPage: 'off' }, [{ route: 'payments', sink: 'file', destination: '/d' }], { ...open, httpAddress: http })
  t.match(words, 'Those of route payments go to files below /d.')
  t.match(words, 'http://[::1]:2020/health')
})

t.test('a socket that is not open is not said to take lines', async t => {
  const words = (...isOpen: readonly [boolean, boolean]) => startWords({ unixSocket: '/s.sock', tcp, http: 'off', httpPage: 'auto' }, routes,
    { sources: [{ name: 'unix', isOpen: isOpen[0] }, { name: 'tcp', isOpen: isOpen[1] }], httpAddress })
  t.match(words(true, false), /^Lines are taken on \/s\.sock\.\n127\.0\.0\.1:24224 could not be opened and is tried again: the error above says\nwhy\.\n/)
  t.match(words(false, false), /^\/s\.sock could not be opened .*\n127\.0\.0\.1:24224 could not be opened /)
})

t.test('an address that somebody else has is not said to be the page', async t => {
  const words = startWords({ unixSocket: 'off', tcp, http: httpAddress, httpPage: 'auto' }, routes, { ...open, httpAddress: undefined })
  t.notMatch(words, 'http://')
})

t.test('no sentence is wider than the terminal', async t => {
  const below = { sink: 'file', destination: '.sluice/data/some-machine/delivered' }
  const files = ['access', 'error', 'app', 'invalid'].map(route => ({ route, ...below }))
  const widest = (columns?: number) => Math.max(...startWords({ unixSocket: '.sluice/fluent.sock', tcp, http: httpAddress, httpPage: 'auto' }, files, open, columns)
    .split('\n').map(({ length }) => length))
  t.ok(widest() <= 80)
  t.ok(widest(60) <= 60)
  t.ok(widest(200) > 90)
})
