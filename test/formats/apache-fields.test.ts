import { apache, fieldsOf, testCases } from '../support/record-cases.ts'

const dashed = (module: string, rest: string) => `[2026-12-01 00:57:05.718190 +0000] [${module}] [pid 6981:tid -] ${rest}`

testCases('numbers of errors that are none of the system\'s are no part of the message', [
  fieldsOf('of a resolver', apache('proxy:error', '(EAI 2)Name or service not known: [client 127.0.0.1:34462] AH00898: DNS lookup failure for: shop.invalid returned by /x, referer: https://r/"q"'),
    'error', { code: 'AH00898', client: '127.0.0.1', referer: 'https://r/"q"', message: 'DNS lookup failure for: shop.invalid returned by /x' }),
  fieldsOf('of a resolver, with its code right behind it', '2026-12-01T00:57:22+0000 [error] [proxy] (EAI 2)Name or service not known AH00898: DNS lookup failure for: shop.invalid returned by /x',
    'error', { module: 'proxy', code: 'AH00898' }),
  fieldsOf('of OpenSSL', apache('ssl:info', '(os 0x24c4c3a8)Unrecognized resolver error: [client 127.0.0.1:43890] AH02008: SSL library error 1 in handshake (server shop.example:443)'),
    'info', { module: 'ssl', code: 'AH02008', client: '127.0.0.1' }),
  fieldsOf('of a module', apache('proxy:error', '(120006)APR does not understand this error code: [client 127.0.0.1:5] AH01102: error reading status line from remote server'),
    'error', { code: 'AH01102', client: '127.0.0.1' }),
  fieldsOf('what only looks like one', apache('php:notice', '[client ::1:2] (EAI twice) refused: x'), 'notice', { message: '(EAI twice) refused: x' }),
])

testCases('a field that has nothing but a dash is none', [
  fieldsOf('of a request', dashed('auth_basic:error', '[aw4bYb0g-2BFCkN3XxESWQAAAAA] [client 127.0.0.1:43506] AH01618: user  not found: /basic/'),
    'error', { module: 'auth_basic', pid: '6981', client: '127.0.0.1', code: 'AH01618', message: 'user  not found: /basic/', time: '2026-12-01T00:57:05.718190Z' }),
  fieldsOf('of none', dashed('proxy:debug', '[-] [client -] AH00924: worker http://127.0.0.1:1/ shared already initialized'),
    'debug', { module: 'proxy', client: null, code: 'AH00924', message: 'worker http://127.0.0.1:1/ shared already initialized' }),
  fieldsOf('of PHP', dashed('php:warn', '[aw4bYb0g-2BFCkN3XxESWQAAAAA] [client 127.0.0.1:43506] PHP Warning:  Undefined variable $x in /app/a.php on line 2'),
    'warn', { kind: 'Warning', file: '/app/a.php', line: 2, client: '127.0.0.1' }),
])

testCases('a field that is empty and took its bracket along, or left its colon, is no part of what follows', [
  fieldsOf('of a thread', '[Tue Dec 01 01:10:56.876598 2026] shop.example [proxy:error] [pid 510:tid AH00957: http: attempt to connect to 127.0.0.1:1 (127.0.0.1:1) failed',
    'error', { pid: '510', code: 'AH00957', message: 'http: attempt to connect to 127.0.0.1:1 (127.0.0.1:1) failed' }),
  fieldsOf('of a file and a number', '[2026-12-01 01:10:56.865633] [php:error] [R:aw4eoOGhZkCO5WxN4c71PQAAAAE] [C:-] -: PHP Fatal error:  user error in /app/a.php on line 5',
    'error', { kind: 'Fatal error', file: '/app/a.php', line: 5 }),
  fieldsOf('of a file, in the usual order', apache('php:notice', '-: PHP Fatal error:  user error in /app/a.php on line 5'), 'error', { kind: 'Fatal error' }),
])

testCases('a trace without its error has no class of its own', [
  fieldsOf('of PHP', 'Stack trace:\n#0 /app/a.php(1): f()\n#1 {main}\n  thrown in /app/a.php on line 1', null, { exception: null, message: 'Stack trace:' }),
])
