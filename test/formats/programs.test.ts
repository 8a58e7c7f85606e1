import { apache, fieldsOf, testCases } from '../support/record-cases.ts'

const warn = { SLUICE_ERROR_MIN_LEVEL: 'warn' }
const php = (line: string) => `[23-Nov-2026 01:02:10 UTC] ${line}`

testCases('levels of what frameworks write, in all their words', [
  fieldsOf('Symfony\'s console pads its levels to nine letters', '10:00:01 ERROR     [console] Error thrown', 'error', { channel: 'console', message: 'Error thrown' }),
  fieldsOf('Symfony\'s console, its shortest', '10:00:01 INFO      [messenger] Received', 'info', { channel: 'messenger', message: 'Received' }),
  fieldsOf('Symfony\'s logger by error_log()', 'NOTICE: PHP message: [critical] Uncaught PHP Exception App\\E: "boom" at /app/src/A.php line 12', 'crit', { exception: 'App\\E', file: '/app/src/A.php', line: 12, message: 'boom' }),
  fieldsOf('Symfony\'s logger in a log of PHP', php('[warning] low'), 'warn', { message: 'low', time: '2026-11-23T01:02:10.000Z' }),
  fieldsOf('Symfony\'s logger by mod_php', apache('php:notice', '[client ::1:2] [critical] Uncaught PHP Exception App\\\\E: "boom" at /a.php line 12'), 'crit', { exception: 'App\\E', line: 12, client: '::1' }),
  fieldsOf('Symfony\'s logger through Apache', apache('proxy_fcgi:error', '[client ::1:2] AH01071: Got error \'PHP message: [critical] Uncaught PHP Exception App\\\\E: "boom" at /a.php line 12\''), 'crit', { exception: 'App\\E' }),
  fieldsOf('Symfony\'s logger, alone', '[critical] Error thrown while handling message App\\Foo', 'crit', { message: 'Error thrown while handling message App\\Foo' }),
  fieldsOf('a tag is no level', 'NOTICE: PHP message: [payment] refused', 'notice', { message: '[payment] refused' }),
  fieldsOf('CodeIgniter, a warning', 'WARNING - 2026-11-23 10:00:00 --> [DEPRECATED] strlen(): Passing null in APPPATH/x.php on line 3.\n 1 APPPATH/x.php(3): f()', 'warn', { file: 'APPPATH/x.php', line: 3, message: 'strlen(): Passing null' }),
  fieldsOf('CodeIgniter, what caused it', 'CRITICAL - 2026-11-23 10:00:00 --> [Caused by] RuntimeException: b\nin APPPATH/Home.php on line 9.', 'crit', { exception: 'RuntimeException', line: 9, message: 'b' }),
  fieldsOf('Yii 2, its profiler', '2026-11-23 10:00:01 [-][-][-][profile begin][yii\\db\\Command::query] SELECT 1', 'debug', { channel: 'yii\\db\\Command::query' }),
  fieldsOf('Yii 1, an error', '2026/11/23 10:00:00 [error] [exception.CHttpException.404] CHttpException: Unable to resolve "x". in /app/a.php:286\nStack trace:\n#0 /a.php(3): f()\n#1 {main}\nREQUEST_URI=/foo\nHTTP_REFERER=/\n---',
    'error', { channel: 'exception.CHttpException.404', exception: 'CHttpException', file: '/app/a.php', line: 286 }),
  fieldsOf('Yii 1, an information', '2026/11/23 10:00:00 [info] [application] x\nin /app/a.php (3)\n---', 'info', { channel: 'application' }),
  fieldsOf('WooCommerce, a fatal error', '2026-11-23T10:00:00+00:00 CRITICAL Uncaught Error: Call to undefined function f() in /wp/x.php:12\nStack trace:\n#0 {main}\n  thrown in /wp/x.php on line 12', 'crit',
    { exception: 'Error', file: '/wp/x.php', line: 12, message: 'Call to undefined function f()' }),
  fieldsOf('WooCommerce, with a context', '2026-11-23T10:00:00+00:00 CRITICAL Uncaught Error: x in /a.php:12 CONTEXT: {"a":1}', 'crit', { exception: 'Error', file: '/a.php', line: 12, message: 'x', context: '{"a":1}' }),
  fieldsOf('CakePHP, a warning', '2026-11-23 10:00:00 warning: Warning (2): Undefined variable $x in [/a.php, line 12]\nTrace:\nCake\\E::handleError() - CORE/src/E.php, line 153', 'warn',
    { kind: 'Warning', file: '/a.php', line: 12, message: 'Undefined variable $x' }),
  fieldsOf('CakePHP 5, a notice', '2026-11-23 10:00:00 notice: Notice (8): Undefined index: a in /a.php on line 12', 'notice', { kind: 'Notice', file: '/a.php', line: 12, message: 'Undefined index: a' }),
  fieldsOf('CakePHP, short paths', '2026-11-23 10:00:00 error: [Cake\\E] x in /a.php on line 1\nStack Trace:\n- CORE/src/E.php:345\n- [internal]:??\n- ROOT/webroot/index.php:37\nRequest URL: /foo', 'error', { exception: 'Cake\\E' }),
  fieldsOf('Magento, with its exception twice', '[2026-11-23T10:00:00+00:00] main.CRITICAL: Exception: Warning: Undefined array key "x" in /a.phtml on line 12 in /v/ErrorHandler.php:62\nStack trace:\n#0 /a.php(1): f()\n#1 {main} {"exception":"[object] (Exception(code: 0): Warning: Undefined array key \\"x\\" in /a.phtml on line 12 at /v/ErrorHandler.php:62)"} []',
    'crit', { exception: 'Exception', file: '/v/ErrorHandler.php', line: 62, message: 'Warning: Undefined array key "x" in /a.phtml on line 12', trace: 'Stack trace:\n#0 /a.php(1): f()\n#1 {main}' }),
  fieldsOf('Magento 1', '2026-11-23T10:00:00+00:00 ERR (3): exception \'Mage_Core_Exception\' with message \'no such\' in /app/Mage.php:595\nStack trace:\n#0 /a.php(1): f()\n#1 {main}', 'error', { exception: 'Mage_Core_Exception', file: '/app/Mage.php', line: 595, message: 'no such' }),
  fieldsOf('PHP 5', 'PHP Fatal error:  Uncaught exception \'App\\E\' with message \'boom\' in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3', 'error', { exception: 'App\\E', file: '/a.php', line: 3, message: 'boom' }),
  fieldsOf('Monolog\'s own handler', '[2026-11-23T10:00:00+00:00] app.ERROR: Uncaught Exception RuntimeException: "boom" at /a.php line 3 {"exception":"[object] (RuntimeException(code: 0): boom at /a.php:3)"} []', 'error', { exception: 'RuntimeException', line: 3 }),
  fieldsOf('EC-CUBE 2, a message of several lines', '2026/11/23 19:00:00 [/index.php] Fatal error(E_USER_ERROR): DB処理でエラーが発生しました。\nSQL: [SELECT 1]\n on [/data/SC_Query.php(1021)] from 203.0.113.9', 'error', { file: '/data/SC_Query.php', line: 1021, client: '203.0.113.9' }),
  fieldsOf('mod_php of Apache without its module', '[Mon Nov 23 19:38:39.4 2026] [:notice] [pid 1:tid 2] [client 1.2.3.4:5] refused', 'notice', { client: '1.2.3.4', message: 'refused' }),
  fieldsOf('Apache, a dash for the module', '[Mon Nov 23 19:38:39.4 2026] [-:warn] [pid 1:tid 2] low', 'warn', { pid: '1', message: 'low' }),
  fieldsOf('Drush, done', ' [success] Cache rebuild complete.', 'notice', { message: 'Cache rebuild complete.' }),
  fieldsOf('a block of SymfonyStyle', ' [ERROR] The queue is full', 'error', { message: 'The queue is full' }),
  fieldsOf('GELF', '{"version":"1.1","host":"web","short_message":"boom","level":3,"_channel":"app"}', 'error', { message: 'boom' }),
  fieldsOf('Logstash, whose type is no class', '{"@timestamp":"2026-11-23T10:00:00+00:00","message":"boom","type":"app","level":"ERROR"}', 'error', { exception: null, message: 'boom' }),
])

testCases('the frames of Xdebug belong to their error, whatever it is', [
  ['a fatal error that nobody threw', [php('PHP Fatal error:  Allowed memory size of 1 bytes exhausted in /a.php on line 7'), php('PHP Stack trace:'), php('PHP   1. {main}() /a.php:0'), php('PHP Warning:  x in /a.php on line 1')],
    [{ lines: [1, 2, 3], level: 'error', fields: { kind: 'Fatal error', line: 7 } }, { lines: [4], level: 'warn' }]],
  ['an error of several lines', ['PHP Warning:  first', 'second in /a.php on line 7', 'PHP Stack trace:', 'PHP   1. {main}() /a.php:0', 'text'], [{ lines: [1, 2, 3, 4], level: 'warn' }, { lines: [5] }]],
  ['as text', ['Warning: Undefined variable $x in /a.php on line 9', '', 'Call Stack:', '    0.0003     393408   1. {main}() /a.php:0', '    0.0005     393408   2. foo() /a.php:17', '', 'text'],
    [{ lines: [1, 2, 3, 4, 5], level: 'warn', fields: { file: '/a.php', line: 9, message: 'Undefined variable $x' } }, { lines: [6], filter: 'empty' }, { lines: [7] }]],
  ['as text, of an exception', ['Fatal error: Uncaught Exception: boom in /a.php on line 5', '', 'Exception: boom in /a.php on line 5', '', 'Call Stack:', '    0.0004     390600   1. {main}() /a.php:0'],
    [{ lines: [1, 2, 3, 4, 5, 6], level: 'error', fields: { exception: 'Exception', file: '/a.php', line: 5, message: 'boom' } }]],
  ['as HTML, of an exception', ['<br />', '<font size=\'1\'><table class=\'xdebug-error xe-uncaught-exception\' dir=\'ltr\'>',
    '<tr><th><span>( ! )</span> Fatal error: Uncaught Exception: boom in /a.php on line <i>5</i></th></tr>', '<tr><th><span>( ! )</span> Exception: boom in /a.php on line <i>5</i></th></tr>',
    '<tr><td>1</td><td title=\'/a.php\'>.../a.php<b>:</b>0</td></tr>', '</table></font>'],
  [{ lines: [1, 2, 3, 4, 5, 6], level: 'error', fields: { exception: 'Exception', file: '/a.php', line: 5, message: 'boom' } }]],
  ['blank lines behind an error are no part of it', ['PHP Warning:  x in /a.php on line 9', '', 'text'], [{ lines: [1], level: 'warn' }, { lines: [2], filter: 'empty' }, { lines: [3] }]],
])

testCases('blocks of other tools', [
  ['Symfony\'s dumper', ['^ array:2 [', '  "a" => 1', '  "b" => array:1 [', '    0 => 2', '  ]', ']', 'App\\Foo {#3', '  +x: 1', '}', 'text'], [{ lines: [1, 2, 3, 4, 5, 6] }, { lines: [7, 8, 9] }, { lines: [10] }]],
  ['what a console styles does not join another\'s record', ['10:00:01 DEBUG     [event] Notified', ' [ERROR] The queue is full', ' [OK] done'], [{ lines: [1], filter: 'below-level' }, { lines: [2], level: 'error', filter: null }, { lines: [3] }], warn],
  ['a trace of Yii 1 does not join another\'s record', ['2026-11-23 10:00:01 [-][-][-][warning][a\\b] x', '2026/11/23 10:00:00 [error] [php] y', 'Stack trace:', '#0 /app/a.php(3): f()', '---'], [{ lines: [1] }, { lines: [2, 3, 4, 5], level: 'error' }]],
])

testCases('a level that a program writes into its error_log() counts', [
  ['Symfony\'s', ['NOTICE: PHP message: [info] Matched route', 'NOTICE: PHP message: [warning] low', php('[debug] x'), 'NOTICE: PHP message: [payment] refused'],
    [{ lines: [1], level: 'info', filter: 'below-level' }, { lines: [2], level: 'warn', filter: null }, { lines: [3], filter: 'below-level' }, { lines: [4], filter: null }], warn],
])

testCases('what stands around an object of an access format', [
  ['before it and behind', [',{"status":200,"method":"GET","path":"/a"}', '\ufeff\x1b[1;32m{"status":200,"path":"/a"},\x1b[0m\r', '{"status":200,"path":"/a"};\x1b[K'],
    [{ lines: [1], class: 'access', repairs: ['comma'] }, { lines: [2], class: 'access', rule: 'access' }, { lines: [3], class: 'access', rule: 'access' }], {}, 'stdout'],
])

testCases('errors on standard output in all their words', [
  ['of consoles', ['10:00:01 ERROR     [console] x', '10:00:01 WARNING   [console] x', '[critical] x'], [{ lines: [1], class: 'error' }, { lines: [2], class: 'app' }, { lines: [3], class: 'error', level: 'crit' }], {}, 'stdout'],
  ['of CodeIgniter and Yii 1', ['WARNING - 2026-11-23 10:00:00 --> x', 'ERROR - 2026-11-23 10:00:00 --> x', '2026/11/23 10:00:00 [error] [php] y', 'Stack trace:', '#0 {main}'],
    [{ lines: [1], class: 'app' }, { lines: [2], class: 'error' }, { lines: [3, 4, 5], class: 'error' }], {}, 'stdout'],
])
