import { createRequests, noise, pipelined, type ClientRequest } from './request.ts'

/** What breaks the JSON that Apache is told to write, or what reads it. */
const values: readonly Buffer[] = [
  '日本語のブラウザー', '🚨 a\u0301 \u2028 \ufeff', 'Å', 'caf\u00e9 \u0080',
  '"', '\\', '\\\\"', 'a\\', '\\x41', '\\xe3\\x81', '\\u0041',
  '\\v', "it's", '","status":200,"injected":"', '{"json":"inside"}', '-', '""', '%s%n%x', '<script>', '\t', 'a\tb',
  'x'.repeat(300), 'y'.repeat(3_500), '長'.repeat(120), '長'.repeat(700), `${'a'.repeat(400)}長`,
  `${'é'.repeat(60)}${'z'.repeat(300)}`,
].map(text => Buffer.from(text)).concat([
  [0xff, 0xfe], [0xe3, 0x81], [0x80], [0x41, 0xc3, 0x28, 0x42], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x9a],
  [...Buffer.from('日本'), 0xff, ...Buffer.from('語')], [0xa4, 0xa2], [0x8e, 0x9f, 0x8a, 0xd4],
].map(bytes => Buffer.from(bytes)))

/** Bytes that may stand in a request target as they are: no space, no control byte. */
function inTarget (value: Buffer): Buffer {
  return Buffer.from(value.filter(byte => byte > 0x20 && !'?#\x7f'.includes(String.fromCharCode(byte))))
}

function percentEncoded (value: Buffer): string {
  return [...value].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

/** A few hundred requests: people, health checkers, scanners, and clients that mean harm. */
export function hostileRequests (prefix: string): ClientRequest[] {
  const request = createRequests(prefix)
  const pages = ['/', '/health.php', '/warn.php', '/throw.php', '/fatal.php', '/fatal.php?kind=memory', '/fatal.php?kind=time',
    '/fatal.php?kind=parse', '/slow.php?ms=700', '/status.php?code=204', '/status.php?code=503', '/status.php?code=302&to=/', '/stdout.php',
    '/stdout.php?times=20', '/stdout.php?times=600', '/stderr.php', '/missing.php', '/missing', '/.env', '/broken.inc',
    ...['utf8', 'lines', 'control', 'json', 'long'].map(kind => `/error-log.php?kind=${kind}`)]
  const ordinary = () => pages.map(page => {
    const [path = '', query] = page.split('?')
    return request({ path, userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', ...query === undefined ? {} : { query } })
  })
  // The process that serves it dies: no access line.
  const crashes = [0, 1].map(() => request({ path: '/crash.php', isLost: true }))

  const nasty = values.flatMap(value => [
    request({ userAgent: value }),
    request({ referer: value, userAgent: 'curl/8.5.0' }),
    request({ xff: value }),
    request({ path: Buffer.concat([Buffer.from('/p/'), inTarget(value)]) }),
    request({ path: '/', query: Buffer.concat([Buffer.from('q='), inTarget(value)]) }),
    ...value.length <= 600 ? [request({ path: `/p/${percentEncoded(value)}`, query: percentEncoded(value) })] : [],
  ])

  const basic = (text: string | Buffer) => [['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]] as const
  const users = ['tanaka:secret', '田中:secret', ':secret', 'tanaka:wrong', '"quoted\\":wrong', '日本:wrong', ':wrong', `${'長'.repeat(900)}:x`]
    .map(user => request({ path: '/private/', headers: basic(user) }))

  const shapes = [
    ...['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECTED', 'get', 'PROPFIND'].map(method => request({ method })),
    request({ method: 'M'.repeat(60) }),
    request({ method: 'POST', body: 'a=b&c=日本', headers: [['Content-Type', 'application/x-www-form-urlencoded']] }),
    request({ version: 'HTTP/1.0' }),
    noise(Buffer.from('GET http://www.example.com/absolute?a=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')),
    noise(Buffer.from('GET http://user:password@www.example.com/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')),
    request({ path: '/double//slash/../up/./here' }),
    request({ path: '/a%00b' }), request({ path: '/a%2fb' }), request({ path: '/%zz' }), request({ path: '/../../etc/passwd' }),
    request({ query: '' }), request({ query: '??&&==' }),
    request({ host: 'WWW.例え.jp', isLost: true }), request({ host: 'a b', isLost: true }), request({ host: '127.0.0.1:80' }),
    request({ headers: [['Accept', '1'], ['Accept', '"2"'], ['Cookie', 'c'.repeat(4_000)]] }),
    // Each value as long as it may be, plain and not: the longest lines of all.
    ...[Buffer.from('x'), Buffer.from('"'), Buffer.from('長'), Buffer.from([0xff])].map(one => {
      const value = Buffer.concat(Array.from({ length: Math.floor(1_500 / one.length) }, () => one))
      return request({
        path: Buffer.concat([Buffer.from('/'), value]), query: value, userAgent: value, referer: value, xff: value,
      })
    }),
    // Over a limit: the trace id is in a header that is read before, or never.
    request({ headers: Array.from({ length: 300 }, (_, index) => [`X-Flood-${index}`, '日'] as const), isLost: true }),
    request({ headers: [['X-Long', 'l'.repeat(9_000)]], isLost: true }),
    request({ path: `/${'u'.repeat(20_000)}`, isLost: true }),
    request({ path: `/${'長'.repeat(6_000)}`, isLost: true }),
    request({ method: 'M'.repeat(9_000), isLost: true }),
    request({ version: 'HTTP/9.9', isLost: true }), request({ version: `HTTP/${'9'.repeat(2_000)}`, isLost: true }),
    pipelined([request({ keepAlive: true, userAgent: '一' }), request({ keepAlive: true, path: '/二' }), request({ path: '/health.php' })]),
  ]

  const broken = [
    'GET / HTTP/1.1\r\n', 'GET /\x01\x02 HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n', '\r\n\r\n\r\n', 'GET\r\n\r\n', 'GET /\r\n\r\n',
    'quit\r\n', '{"status":200,"method":"GET"}\r\n\r\n', `\x16\x03\x01${'\x80\xff'.repeat(100)}`, `GET /${'\xff'.repeat(3_000)} JUNK\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \x01\x1b[31m\r\n\r\n', 'GET / HTTP/1.1\r\nno colon\r\n\r\n', 'GET / HTTP/1.1\r\n: x\r\n\r\n', '',
    'POST /warn.php HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nshort', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ].map(text => noise(Buffer.from(text, 'latin1')))
  const goneClients = [
    noise(Buffer.from('GET / HT'), 'abort'), noise(Buffer.alloc(0), 'abort'),
    ...Array.from({ length: 6 }, () => request({ path: '/slow.php', query: 'ms=300', end: 'abort', isLost: true })),
    ...Array.from({ length: 4 }, () => request({ path: '/', end: 'leave' })),
  ]
  return [...ordinary(), ...broken, ...nasty, ...crashes, ...users, ...shapes, ...goneClients, ...ordinary()]
}
