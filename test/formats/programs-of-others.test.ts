import { apache, fieldsOf, testCases } from '../support/record-cases.ts'

// As those of programs.test.ts, made up by somebody who had not written the readers.
const warn = { SLUICE_ERROR_MIN_LEVEL: 'warn' }
const json = { SLUICE_ERROR_FORMAT: 'json' }
const php = (line: string) => `[23-Nov-2026 01:02:10 UTC] ${line}`
const fpm = (pid: number, said: string) => `[23-Nov-2026 19:38:39] WARNING: [pool www] child ${pid} said into stderr: "${said}"`

testCases('a record of several lines is one, and what another program writes is none of it', [
  ['EC-CUBE 2, until it names the client', ['2026/11/23 19:00:03 [/index.php] SQL Error: ERROR:  relation "dtb_x" does not exist', 'LINE 1: SELECT * FROM dtb_x', '                      ^ from 203.0.113.9', '2026/11/23 19:00:04 [/admin/index.php] ログイン失敗: admin from 2001:db8::7', 'Killed'],
    [{ lines: [1, 2, 3], fields: { client: '203.0.113.9', message: 'SQL Error: ERROR:  relation "dtb_x" does not exist\nLINE 1: SELECT * FROM dtb_x\n                      ^' } }, { lines: [4], fields: { client: '2001:db8::7', message: 'ログイン失敗: admin' } }, { lines: [5] }], json],
  ['Magento, the trace that it has for a page', ['[2026-11-23T10:00:02.1+00:00] report.CRITICAL: Exception message: Item (X) with the same ID "42" already exists.', '<pre>#1 X->addItem() called at [vendor/x.php:1179]', '#2 X->load() called at [vendor/y.php:950]', '</pre> [] []', 'text'],
    [{ lines: [1, 2, 3, 4], level: 'crit', fields: { message: 'Exception message: Item (X) with the same ID "42" already exists.', trace: '<pre>#1 X->addItem() called at [vendor/x.php:1179]\n#2 X->load() called at [vendor/y.php:950]\n</pre>' } }, { lines: [5] }], json],
  ['Magento, the same behind a word', ['[2026-11-23T10:00:02.1+00:00] main.CRITICAL: Exception message: low', 'Trace: <pre>#1 f() called at [x.php:1]', '</pre> [] []'], [{ lines: [1, 2, 3], fields: { message: 'Exception message: low' } }], json],
  ['Yii 2, what a database adds', ['2026-11-23 10:00:08 [-][-][-][error][yii\\db\\Exception] yii\\db\\Exception: gone in /app/C.php:12', 'Stack trace:', '#0 {main}', 'Additional Information:', 'Array', '(', '    [0] => 42S02', ')', '', '2026-11-23 10:00:09 [-][-][-][info][application] next'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8], level: 'error', fields: { exception: 'yii\\db\\Exception', line: 12, message: 'gone' } }, { lines: [9], filter: 'empty' }, { lines: [10], level: 'info' }], json],
  ['Yii 2, a value with a line at the margin', ['2026-11-23 10:00:01 [-][-][-][info][application] $_POST = [', '    \'note\' => \'first line', 'second line\'', ']', '', '$_COOKIE = [', '    \'a\' => \'b\'', ']', 'Killed'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8] }, { lines: [9] }]],
  ['CodeIgniter 4, and what comes behind it', ['CRITICAL - 2026-11-23 10:00:07 --> RuntimeException: no', '[Method: GET, Route: /]', 'in APPPATH/A.php on line 4.', ' 1 FCPATH/index.php(50): run()', 'plain'], [{ lines: [1, 2, 3, 4], level: 'crit', fields: { exception: 'RuntimeException', line: 4 } }, { lines: [5] }], json],
  ['Symfony\'s console at its most verbose', ['10:00:07 CRITICAL  [console] Error thrown while running command "app:import"', '[', '  "exception" => RuntimeException {', '    #line: 42', '  },', '  "command" => "app:import"', ']', '', 'In Import.php line 42:', '            ', '  No file  ', '            ', '', 'app:import [--all]'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7], level: 'crit', fields: { channel: 'console', message: 'Error thrown while running command "app:import"' } }, { lines: [8], filter: 'empty' }, { lines: [9, 10, 11, 12, 13, 14], level: 'error', fields: { line: 42, message: 'No file' } }], json],
  ['CakePHP 4.4 and 5, the frames of a warning', ['2026-11-23 10:00:00 warning: Undefined variable $x', 'Request URL: /foo', 'Client IP: 203.0.113.9', 'Trace:', 'Cake\\Error\\ErrorTrap->handleError() /app/src/Foo.php, line 12',
    'App\\Foo::{closure}() ROOT/src/Foo.php, line 9', 'include /app/webroot/index.php, line 3', '[main] /app/bin/cake.php, line 12', '', 'stored in /app/x, line 3'],
  [{ lines: [1, 2, 3, 4, 5, 6, 7, 8], level: 'warn' }, { lines: [9], filter: 'empty' }, { lines: [10], level: null }]],
  ['Laravel\'s console does not take what is set in', ['   INFO  Server running.  ', '', '  2026-11-23 10:00:11 App\\Jobs\\SendMail ..... FAIL', '   ERROR  The command failed.'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: 'empty' }, { lines: [3], filter: null }, { lines: [4], level: 'error', fields: { message: 'The command failed.' } }], { ...warn, ...json }],
  ['WordPress, a query of several lines', [php('WordPress database error Unknown column \'x\' for query SELECT x FROM wp_posts WHERE 1=1'), 'AND post_status = \'publish\'', 'LIMIT 0, 10 made by wp, WP->main', php('Array'), '(', '    [order] => 42', ')', ''],
    [{ lines: [1, 2, 3] }, { lines: [4, 5, 6, 7] }, { lines: [8], filter: 'empty' }]],
  ['CakePHP, an exception that another caused', ['2026-11-23 10:00:00 error: [Cake\\E] no in /app/a.php:353', 'Stack Trace:', '- /app/b.php:81', '', 'Request URL: /foo', '', 'Caused by: [PDOException] gone in /app/x.php:3', 'Stack Trace:', '- [main]:', '', '2026-11-23 10:00:01 emergency: disk'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9], fields: { exception: 'Cake\\E', line: 353 } }, { lines: [10], filter: 'empty' }, { lines: [11], level: 'emerg' }], json],
  ['two children of php-fpm at once', [fpm(7, '[2026-11-23 10:00:05] production.ERROR: boom {"exception":"[object] (App\\\\E(code: 0): boom at /app/a.php:3)'), fpm(8, 'NOTICE: PHP message: PHP Warning:  w in /b.php on line 2'), fpm(7, '[stacktrace]'), fpm(7, '#0 {main}'), fpm(7, '"} ')],
    [{ lines: [1, 3, 4, 5], level: 'error', fields: { pid: '7', exception: 'App\\E', line: 3 } }, { lines: [2], level: 'warn', fields: { pid: '8' } }], json],
  ['dumps of objects', ['object(App\\Order)#3 (2) {', '  ["note":"App\\Order":private]=>', '  string(11) "first', 'second"', '}', 'array (', '  \'b\' => ', '  array (', '    0 => \'x\',', '  ),', ')', 'App\\Order Object', '(', '    [id:protected] => 7', ')', '', 'text'],
    [{ lines: [1, 2, 3, 4, 5] }, { lines: [6, 7, 8, 9, 10, 11] }, { lines: [12, 13, 14, 15] }, { lines: [16], filter: 'empty' }, { lines: [17] }]],
  ['a terminal\'s line ends, in a trace', ['[2026-11-23 10:00:05] production.ERROR: boom {"exception":"[object] (App\\\\E(code: 0): boom at /app/a.php:3)\r', '[stacktrace]\r', '#0 {main}\r', '"} \r', 'plain\r'], [{ lines: [1, 2, 3, 4], class: 'error', fields: { exception: 'App\\E' } }, { lines: [5], class: 'app' }], json, 'stdout'],
])

testCases('levels, channels and places', [
  fieldsOf('EC-CUBE 3, fields beside an empty context', '[2026-11-23 19:00:01] front.INFO: 在庫を更新しました [] {"uid":"5345b59"} ', 'info', { channel: 'front', message: '在庫を更新しました', context: '[] {"uid":"5345b59"}' }),
  fieldsOf('EC-CUBE 4, a client of IPv6', '[2026-11-23 19:00:02.1] admin.WARNING [d0] [53] [1] [E\\V:vote:60] - 拒否されました [POST, /admin/42/edit, 2001:db8::7, https://shop.example/admin, Mozilla/5.0 (Macintosh)]', 'warn', { channel: 'admin', client: '2001:db8::7', message: '拒否されました' }),
  fieldsOf('EC-CUBE 4, a command', '[2026-11-23 19:00:03.1] console.ERROR [N/A] [53] [N/A] [S\\C:onConsoleError:41] - Error thrown [CLI, N/A, N/A, N/A, N/A]', 'error', { channel: 'console', client: null, message: 'Error thrown' }),
  fieldsOf('Laravel, an exception with another', '[2026-11-23 10:00:05] local.ERROR: no table {"userId":7,"exception":"[object] (Q\\\\E(code: 42S02): no table (SQL: select 1) at /app/C.php:829)\n[stacktrace]\n#0 {main}\n\n[previous exception] [object] (PDOException(code: 42S02): no at /app/C.php:423)\n[stacktrace]\n#0 {main}\n"} ', 'error', { channel: 'local', exception: 'Q\\E', line: 829, message: 'no table' }),
  fieldsOf('Magento, an exception with another on one line', '[2026-11-23T10:00:04.1+00:00] main.CRITICAL: Report ID: webapi-65 {"exception":"[object] (Exception(code: 0): outer at /app/P.php:208, E\\\\F(code: 0): inner at /app/H.php:61)"} []', 'crit', { exception: 'Exception', file: '/app/P.php', line: 208 }),
  fieldsOf('Symfony, a message that is handled', '[2026-11-23T10:00:03.1+00:00] messenger.WARNING: Error thrown while handling message {"class":"App\\\\Mail","exception":"[object] (H\\\\E(code: 0): failed at /app/H.php:124)\\n[previous exception] [object] (R(code: 111): refused at /app/M.php:33)"} []', 'warn', { channel: 'messenger', exception: 'H\\E', line: 124 }),
  fieldsOf('CodeIgniter 3, a kind without a word', 'ERROR - 2026-11-23 10:00:06 --> Severity: 8192 --> Return type should be compatible /app/S.php 132', 'error', { kind: 'Deprecated', file: '/app/S.php', line: 132, message: 'Return type should be compatible' }),
  fieldsOf('Yii 2 without fields of the request', '2026-11-23 10:00:07 [error][yii\\base\\ErrorException:8] yii\\base\\ErrorException: Undefined variable $x in /app/a.php:3', 'error', { origin: 'app', channel: 'yii\\base\\ErrorException:8', exception: 'yii\\base\\ErrorException', line: 3 }),
  fieldsOf('Yii 2, one of its application', '2026-11-23 10:00:07 [warning][application] low', 'warn', { origin: 'app', channel: 'application', message: 'low' }),
  fieldsOf('Apache\'s fields close to each other are no category', '2026-11-23 10:00:07 [error][client 203.0.113.9:5] AH00126: x', 'error', { origin: 'apache', client: '203.0.113.9', code: 'AH00126' }),
  fieldsOf('Drupal, with nothing before it', 'Error: Call to undefined method foo() in B->baz() (line 33 of modules/B.php).', null, { exception: 'Error', file: 'modules/B.php', line: 33, message: 'Call to undefined method foo() in B->baz()' }),
  fieldsOf('an ErrorLogFormat in JSON with its client in brackets', '{"time":"2026-11-23T10:00:00Z","function" : "[proxy_fcgi:error]","process" : "[pid 7:tid 8]","client":"[client 203.0.113.9:5000]" ,"message" : "AH01071: Got error \'PHP message: PHP Warning:  a in /a.php on line 1\'"}', 'warn', { client: '203.0.113.9', pid: '7', line: 1, message: 'a' }),
  fieldsOf('AH01071, the frames of Xdebug among its messages', apache('proxy_fcgi:error', '[client ::1:5] AH01071: Got error \'PHP message: PHP Fatal error:  Uncaught Exception: boom in /app/a.php:3\\nStack trace:\\n#0 {main}\\n  thrown in /app/a.php on line 3PHP message: PHP Stack trace:PHP message: PHP   1. {main}() /app/a.php:0\''), 'error', { exception: 'Exception', message: 'boom', line: 3 }),
  fieldsOf('AH01071, a message that ends its line', apache('proxy_fcgi:error', '[client ::1:5] AH01071: Got error \'PHP message: plain text\\n\''), 'notice', { message: 'plain text' }),
  fieldsOf('mod_fcgid, whose own level says nothing', apache('fcgid:warn', '[client ::1:5] mod_fcgid: stderr: PHP Fatal error:  Uncaught E: x in /b.php:3'), 'error', { origin: 'php', exception: 'E', line: 3, client: '::1' }),
])

testCases('nothing of another program is filtered by a level', [
  ['whatever stands before it', ['2026-11-23 10:00:11 debug: x', 'Traceback (most recent call last):', '  File "/a.py", line 1, in <module>', 'ValueError: x', 'INFO - 2026-11-23 10:00:10 --> Total', 'Killed', '[2026-11-23T10:00:12.1+00:00] main.INFO: Cron ran [] []', 'Unhandled exception at 0x0', '10:00:14 INFO      [messenger] Received', 'terminate called', '   INFO  Running.', 'free(): invalid pointer'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2, 3, 4], filter: null }, { lines: [5], filter: 'below-level' }, { lines: [6], filter: null }, { lines: [7], filter: 'below-level' }, { lines: [8], filter: null }, { lines: [9], filter: 'below-level' }, { lines: [10], filter: null }, { lines: [11], filter: 'below-level' }, { lines: [12], filter: null }], warn],
])

testCases('what stands around an object of an access format, in further forms', [
  ['all at once', ['\ufeff\x1b[0m{"method":"GET","path":"/f","status":200},\x1b[K\r', '{"request":"GET /i HTTP/1.1","status":"404","bytes":"-"}\t,', '{"method":"GET","path":"/b","status":200}},', '{"method":"GET","path":"/k","status":200}]}'],
    [{ lines: [1], class: 'access' }, { lines: [2], class: 'access', repairs: ['comma'] }, { lines: [3], class: 'access', repairs: ['comma', 'closing_bracket'] }, { lines: [4], class: 'access', repairs: ['closing_bracket'] }], {}, 'stdout'],
  ['lines of text', ['\x1b[1;31m203.0.113.9 - - [23/Nov/2026:10:00:00 +0900] "GET /h HTTP/1.1" 500 12\x1b[m\r', '\x1b[33mplain\x1b[39m', '\r', '\x1b[0m'],
    [{ lines: [1], class: 'access' }, { lines: [2], class: 'app' }, { lines: [3], filter: 'empty' }, { lines: [4], filter: 'empty' }], {}, 'stdout'],
])

const outputs = ['{"lvl":"fatal","msg":"x"}', '{"level":60,"msg":"x"}', '{"message":"x","level":300,"level_name":"WARNING"}', '{"data":{"level":"error"},"message":"x"}', 'cache ERROR count: 0', '{"status":500,"method":"GET","path":"/x","level":"error"}', '   ERROR  The command failed.']
testCases('errors on standard output, and what only looks like one', [
  ['by default', outputs, [{ lines: [1], class: 'error' }, { lines: [2], class: 'error' }, { lines: [3], class: 'app' }, { lines: [4], class: 'app' }, { lines: [5], class: 'app' }, { lines: [6], class: 'access' }, { lines: [7], class: 'error' }], {}, 'stdout'],
  ['from warnings on', outputs, [{ lines: [1], class: 'error' }, { lines: [2], class: 'error' }, { lines: [3], class: 'error' }, { lines: [4], class: 'app' }, { lines: [5], class: 'app' }, { lines: [6], class: 'access' }, { lines: [7], class: 'error' }], { SLUICE_APP_ERRORS_FROM: 'warn' }, 'stdout'],
  ['off', outputs, outputs.map((_, index) => ({ lines: [index + 1], class: index === 5 ? 'access' : 'app' })), { SLUICE_APP_ERRORS_FROM: 'off' }, 'stdout'],
])
