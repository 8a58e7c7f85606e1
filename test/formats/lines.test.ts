import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fixtures } from '../cli/explain/world.ts'
import { fixture, latin1Lines } from '../support/lines.ts'
import { apache, explained, fieldsOf, mistakes, testCases, type Expected } from '../support/record-cases.ts'

const folder = join(fixtures, 'lines')

t.test('lines from public reports become the records that they are', async t => {
  const names = readdirSync(folder).filter(name => name.endsWith('.log')).map(name => name.slice(0, -'.log'.length))
  t.ok(names.length >= 9)
  for (const name of names) {
    const expected = JSON.parse(readFileSync(join(folder, `${name}.expect.json`), 'utf8')) as Expected
    t.same(await mistakes(readFileSync(join(folder, `${name}.log`), 'utf8'), expected), [], name)
  }
})

const warn = { SLUICE_ERROR_MIN_LEVEL: 'warn' }

const laravel = '[2026-11-23 10:00:05] production.'
const fault = 'Segmentation fault (core dumped)'
const missing = 'sh: 1: pdftotext: not found'

testCases('a level filters its own line only', [
  ['behind a record of Monolog', [`${laravel}DEBUG: x  `, missing, 'a text without any mark', `${laravel}ERROR: y  `],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: null, level: null }, { lines: [3], filter: null }, { lines: [4], filter: null }], warn],
  ['behind one whose end shows nothing', [`${laravel}INFO: sent`, fault, `${laravel}INFO: sent`, '  set in'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: null }, { lines: [3, 4], filter: 'below-level' }], warn],
  ['behind Symfony\'s own logger', ['2026-11-23T10:00:00+00:00 [info] Matched route "home".', fault, 'more'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: null }, { lines: [3], filter: null }], warn],
  ['behind php-fpm', ['NOTICE: PHP message: mail sent', missing, 'NOTICE: PHP message: PHP Notice:  x in /a.php on line 3', fault],
    [{ lines: [1], filter: null, level: 'notice' }, { lines: [2], filter: null, level: null }, { lines: [3], filter: 'below-level' },
      { lines: [4], filter: null, level: null }], warn],
  ['behind WordPress', ['[23-Nov-2026 10:00:00 UTC] Cron reschedule event error for hook: x', 'convert: unable to open image', fault],
    [{ lines: [1], filter: null }, { lines: [2], filter: null }, { lines: [3], filter: null }], warn],
  ['behind a notice of several lines', ['[23-Nov-2026 10:00:00 UTC] PHP Notice:  first', 'a text', '[23-Nov-2026 10:00:01 UTC] PHP Notice:  x in /a.php on line 3'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: null }, { lines: [3], filter: 'below-level' }], warn],
  ['a message of several lines that no level filters stays one', [`${laravel}ERROR: first`, 'second', 'third {"a":1} '],
    [{ lines: [1, 2, 3], level: 'error', filter: null }], warn],
  ['that cut the trace of another worker', ['NOTICE: PHP message: PHP Fatal error:  Uncaught App\\E: boom in /a.php:5', `${laravel}INFO: sent`, 'Stack trace:', '#0 /a.php(3): f()', '#1 {main}',
    '  thrown in /a.php on line 5', `${laravel}ERROR: y  `, `${laravel}INFO: sent`, '  thrown in /a.php on line 5'],
  [{ lines: [1], level: 'error', filter: null }, { lines: [2], filter: 'below-level' }, { lines: [3, 4, 5, 6], filter: null }, { lines: [7], filter: null }, { lines: [8], filter: 'below-level' },
    { lines: [9], filter: null }], warn],
  ['and the trace that it announces', [`${laravel}INFO: retried {"exception":"[object] (App\\\\E(code: 0): boom at /a.php:3)`, '[stacktrace]', '#0 {main}', '"} ', `${laravel}INFO: App\\E: boom in /a.php:3`, 'Stack trace:',
    '#0 {main} [] []', `${laravel}INFO: #0 /a.php(3): f()`, '#1 {main}  ', `${laravel}INFO: from here:`, '#0 /a.php(3): f()', '#1 {main}  '],
  [{ lines: [1, 2, 3, 4], filter: 'below-level' }, { lines: [5, 6, 7], filter: 'below-level' }, { lines: [8, 9], filter: 'below-level' }, { lines: [10, 11, 12], filter: 'below-level' }], warn],
  ['without a least level, text is joined and programs are not', ['[23-Nov-2026 10:00:00 UTC] first', 'second', missing, 'third'],
    [{ lines: [1, 2] }, { lines: [3], level: null }, { lines: [4] }]],
  ['what a child of php-fpm did not write itself', ['[23-Nov-2026 19:38:39] WARNING: [pool www] child 7 said into stderr: "[2026-11-23 10:00:05] a.INFO: x"',
    '[23-Nov-2026 19:38:39] WARNING: [pool www] child 7 said into stderr: "Segmentation fault"'],
  [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: null }], warn],
])

testCases('what a program says by error_log(), and that a child crashed, no level filters', [
  ['mod_php', [apache('php:notice', '[client ::1:2] order 42 refused'), apache('php:notice', '[client ::1:2] PHP Notice:  x in /a.php on line 3'),
    apache('php7:notice', 'cron: done')], [{ lines: [1], filter: null }, { lines: [2], filter: 'below-level' }, { lines: [3], filter: null }], warn],
  ['php-fpm', ['NOTICE: PHP message: order 42 refused', 'NOTICE: PHP message: PHP Deprecated:  x in /a.php on line 3',
    '[23-Nov-2026 19:38:39] WARNING: [pool www] child 7 said into stderr: "NOTICE: PHP message: order 43 refused"'],
  [{ lines: [1], filter: null }, { lines: [2], filter: 'below-level' }, { lines: [3], filter: null }], warn],
  ['php itself', ['[24-Nov-2026 04:37:30 Asia/Tokyo] order 42 refused', '[24-Nov-2026 04:37:30 UTC] PHP Notice:  x in /a.php on line 3'],
    [{ lines: [1], filter: null }, { lines: [2], filter: 'below-level' }], warn],
  ['an exception', [apache('php:notice', 'App\\\\E: refused in /a.php:3\\nStack trace:\\n#0 {main}'), 'NOTICE: PHP message: App\\E: refused in /a.php:3', 'Stack trace:', '#0 {main}',
    '[24-Nov-2026 04:37:30 UTC] App\\E: refused in /a.php:3', 'Stack trace:', '#0 {main}'],
  [{ lines: [1], filter: null, fields: { exception: 'App\\E' } }, { lines: [2, 3, 4], filter: null, fields: { exception: 'App\\E' } }, { lines: [5, 6, 7], filter: null }], warn],
  ['an object that says no level', [apache('php:notice', '{"order":42,"message":"refused"}'), 'NOTICE: PHP message: {"order":42,"message":"refused"}',
    '[24-Nov-2026 04:37:30 UTC] {"order":42}'], [{ lines: [1], filter: null, fields: { message: 'refused' } }, { lines: [2], filter: null }, { lines: [3], filter: null }], warn],
  ['beside a notice of PHP', [apache('proxy_fcgi:error', '[client ::1:5] AH01071: Got error \'PHP message: PHP Notice:  x in /a.php on line 3; PHP message: order 42 refused\''),
    apache('proxy_fcgi:error', '[client ::1:5] AH01071: Got error \'PHP message: PHP Notice:  x in /a.php on line 3\'')],
  [{ lines: [1], filter: null, level: 'notice' }, { lines: [2], filter: 'below-level' }], warn],
  ['in a format without the module', ['[Mon Nov 23 19:38:39 2026] [notice] [pid 1] [client ::1:5] order 42 refused', '[Mon Nov 23 19:38:39 2026] [notice] [pid 1] AH00094: Command line: apache2'],
    [{ lines: [1], filter: null }, { lines: [2], filter: 'below-level' }], warn],
  ['over several lines', ['NOTICE: PHP message: SELECT *', 'FROM orders', '[24-Nov-2026 04:37:30 UTC] first', 'second', `${laravel}INFO: payment`, 'of 42'],
    [{ lines: [1, 2], filter: null, fields: { message: 'SELECT *\nFROM orders' } }, { lines: [3, 4], filter: null }, { lines: [5, 6], filter: null }],
    { ...warn, SLUICE_ERROR_ALWAYS_KEEP: 'error_log,payment' }],
  ['a level of its own counts', [apache('php:notice', '[2026-11-23 10:00:00] app.INFO: x'), 'NOTICE: PHP message: [2026-11-23 10:00:00] app.DEBUG: x [] []'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: 'below-level' }], warn],
  ['a crash', [apache('core:notice', 'AH00052: child pid 77 exit signal Segmentation fault (11)'), apache('core:notice', 'AH00051: child pid 7 exit signal Aborted (6), possible coredump in /tmp'),
    apache('core:notice', 'AH00094: Command line: apache2')], [{ lines: [1], filter: null }, { lines: [2], filter: null }, { lines: [3], filter: 'below-level' }], warn],
  ['set otherwise', [apache('php:notice', 'order 42 refused'), apache('core:notice', 'AH00052: child pid 77 exit signal x'), `${laravel}INFO: payment of 42  `],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: 'below-level' }, { lines: [3], filter: null }],
    { ...warn, SLUICE_ERROR_ALWAYS_KEEP: 'payment' }],
])

const yii = '2026-11-23 10:00:01 [203.0.113.9][7][abc]'

testCases('a block of several parts is one record, in the order in which its lines came', [
  ['Yii 2, empty and nested parts', [`${yii}[info][application] $_GET = []`, '', '$_POST = [', '    \'a\' => [', '        \'b\' => 1', '    ]', ']', '',
    '$_SESSION = []', `${yii}[error][E] x`], [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9], level: 'info' }, { lines: [10], level: 'error' }]],
  ['another writer between', [`${yii}[info][application] $_GET = [`, apache('core:error', 'AH00036: x'), '    \'r\' => 1', ']', '', fault, '$_POST = ['],
    [{ lines: [1, 3, 4] }, { lines: [2] }, { lines: [5], filter: 'empty' }, { lines: [6] }, { lines: [7] }]],
  ['a child of php-fpm, whose message holds a trace', ['PHP message: PHP Fatal error:  Uncaught App\\E: Job failed:', '#0 /a.php(3): f()', '#1 {main}', 'Job 42', 'id: 7 in /a.php:5', 'Stack trace:', '#0 /a.php(3): f(\'a',
    'b\')', '#1 {main}', '  thrown in /a.php on line 5', 'text'].map((body, index) => `[23-Nov-2026 19:38:39] WARNING: [pool www] child 7 said into stderr: "${index === 0 ? 'NOTICE: ' : ''}${body}"`),
  [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], level: 'error', fields: { exception: 'App\\E', file: '/a.php', line: 5 } }, { lines: [11] }]],
  ['another writer that names its server first', ['NOTICE: PHP message: PHP Warning:  first', 'shop.example [Mon Nov 23 19:38:39 2026] [error] AH00036: x', 'second in /a.php on line 3'],
    [{ lines: [1, 3], level: 'warn', fields: { message: 'first\nsecond' } }, { lines: [2], level: 'error', fields: { code: 'AH00036' } }]],
  ['Monolog, up to the spaces of what it has not', [`${laravel}ERROR: first`, 'second  ', 'text', `${laravel}ERROR: first`, 'second {"a":1} ', 'text', `${laravel}ERROR: x {"exception":"[object] (E(code: 0): a  `,
    'b  ', 'c at /a.php:3)', '[stacktrace]', '#0 {main}', '"} '], [{ lines: [1, 2] }, { lines: [3] }, { lines: [4, 5] }, { lines: [6] }, { lines: [7, 8, 9, 10, 11, 12] }]],
  ['Monolog, with times of other forms', ['2026-11-23 10:00:00,123', '2026-11-23 10:00:00 +0900', '23/Nov/2026 10:00:00', 'Mon, 23 Nov 2026 10:00:00 +0900']
    .flatMap(time => [`[${time}] app.ERROR: first`, 'second {"a":1} []']), [1, 3, 5, 7].map(line => ({ lines: [line, line + 1], level: 'error', fields: { message: 'first\nsecond' } }))],
  ['a text ends what is open', [`${yii}[warning][application] x`, '    set in', 'a text', '    set in'],
    [{ lines: [1, 2] }, { lines: [3] }, { lines: [4] }]],
  ['Symfony\'s console', ['', 'In CheckoutCommand.php line 42:', '                  ', '  [App\\PaymentException]  ', '  Card declined   ', '                  ', '',
    'shop:checkout [--dry-run] [-h|--help] [--] <order>', ''],
  [{ lines: [1], filter: 'empty' }, { lines: [2, 3, 4, 5, 6, 7, 8], level: 'error', fields: { exception: 'App\\PaymentException', file: 'CheckoutCommand.php', line: 42, message: 'Card declined' } },
    { lines: [9], filter: 'empty' }]],
  ['Symfony\'s console, older', ['                  ', '  [RuntimeException]  ', '  boom   ', '                  ', 'a:b [--c]', 'text'],
    [{ lines: [1], filter: 'empty' }, { lines: [2, 3, 4, 5], level: 'error', fields: { exception: 'RuntimeException', message: 'boom' } }, { lines: [6] }]],
  ['Symfony\'s console, its trace', ['In Foo.php line 3:', '', '  boom', '', 'Exception trace:', ' App\\Foo->bar() at /app/src/Foo.php:3', ' n/a() at /app/bin/console:9', '', 'a:b [-v]'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9], level: 'error', fields: { line: 3, message: 'boom' } }]],
  ['print_r', ['Array', '(', '    [a] => 1', '    [b] => Array', '        (', '            [0] => x', '        )', '', ')', '', 'text'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, { lines: [10], filter: 'empty' }, { lines: [11] }]],
  ['print_r in a message', ['[24-Nov-2026 04:37:30 UTC] order: App\\Order Object', '(', '    [id] => 1', ')', '', '[24-Nov-2026 04:37:30 UTC] next'],
    [{ lines: [1, 2, 3, 4], filter: null }, { lines: [5], filter: 'empty' }, { lines: [6] }], warn],
  ['print_r by php-fpm', ['NOTICE: PHP message: stdClass Object', '(', '    [id] => 1', ')', 'NOTICE: PHP message: next'], [{ lines: [1, 2, 3, 4] }, { lines: [5] }]],
  ['var_dump', ['array(2) {', '  ["a"]=>', '  int(1)', '  [0]=>', '  string(3) "foo"', '}', 'object(App\\A)#3 (1) {', '  ["x":protected]=>', '  NULL', '}'],
    [{ lines: [1, 2, 3, 4, 5, 6] }, { lines: [7, 8, 9, 10] }]],
  ['var_dump of Xdebug', ['/app/a.php:3:', 'array(1) {', '  \'a\' =>', '  int(1)', '}', 'text'], [{ lines: [1, 2, 3, 4, 5] }, { lines: [6] }]],
  ['var_export', ['array (', '  \'a\' => 1,', ')', 'App\\A::__set_state(array(', '   \'b\' => 2,', '))'], [{ lines: [1, 2, 3] }, { lines: [4, 5, 6] }]],
  ['JSON over several lines', ['{', '    "error": "x",', '    "list": [', '        1', '    ]', '}', '[', '    1', ']'], [{ lines: [1, 2, 3, 4, 5, 6] }, { lines: [7, 8, 9] }]],
  ['an error in HTML', ['<br />', '<b>Warning</b>:  Undefined variable $x in <b>/a.php</b> on line <b>3</b><br />', 'text'],
    [{ lines: [1, 2], level: 'warn', fields: { kind: 'Warning', file: '/a.php', line: 3, message: 'Undefined variable $x' } }, { lines: [3] }]],
  ['an uncaught exception in HTML', ['', '<br />', '<b>Fatal error</b>:  Uncaught App\\E: boom &amp; more in /a.php:5', 'Stack trace:', '#0 /b.php(2): f()', '#1 {main}',
    '  thrown in <b>/a.php</b> on line <b>5</b><br />'],
  [{ lines: [1], filter: 'empty' }, { lines: [2, 3, 4, 5, 6, 7], level: 'error', fields: { exception: 'App\\E', file: '/a.php', line: 5, message: 'boom & more' } }]],
  ['an error in the HTML of Xdebug', ['<br />', '<font size=\'1\'><table class=\'xdebug-error xe-notice\' dir=\'ltr\' border=\'1\'>',
    '<tr><th align=\'left\' colspan="5"><span>( ! )</span> Warning: Undefined variable $x in /a.php on line <i>3</i></th></tr>', '<tr><td>1</td></tr>', '</table></font>'],
  [{ lines: [1, 2, 3, 4, 5], level: 'warn', fields: { kind: 'Warning', file: '/a.php', line: 3 } }]],
  ['CakePHP', ['2026-11-23 10:00:00 error: [Cake\\E] Missing in /a.php on line 131', 'Stack Trace:', '- /b.php:12', '- /c.php:3', '', 'Request URL: /foo', 'Referer URL: /', 'Client IP: ::1', '', ''],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8], level: 'error', fields: { exception: 'Cake\\E', file: '/a.php', line: 131 } }, { lines: [9], filter: 'empty' }, { lines: [10], filter: 'empty' }]],
  ['CodeIgniter 4', ['CRITICAL - 2026-11-23 10:00:00 --> Error: Call to undefined function foo()', '[Method: GET, Route: /]', 'in APPPATH/Controllers/Home.php on line 9.',
    ' 1 SYSTEMPATH/CodeIgniter.php(933): App\\Controllers\\Home->index()', ' 2 SYSTEMPATH/Boot.php(1): run()'],
  [{ lines: [1, 2, 3, 4, 5], level: 'crit', fields: { exception: 'Error', file: 'APPPATH/Controllers/Home.php', line: 9, message: 'Call to undefined function foo()' } }]],
])

const collision = ['   Illuminate\\Database\\QueryException ', '', '  SQLSTATE[HY000] [2002] Connection refused', '', '  at vendor/laravel/Connection.php:829',
  '    825| $this->getName()', '  > 829|     throw new QueryException(', '', '      +35 vendor frames ', '', '  36  artisan:35', '      Kernel::handle()']
const python = ['Traceback (most recent call last):', '  File "/app/x.py", line 10, in <module>', '    main()', '    ~~~~^^', '  File "/app/x.py", line 6, in main', '    get(u)',
  'requests.exceptions.ConnectionError: refused']

testCases('blocks of Collision and tracebacks of Python are records', [
  ['Collision, behind a record that is filtered', [`${laravel}INFO: x  `, '', ...collision, '', 'Segmentation fault'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: 'empty' }, {
      lines: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
      level: 'error',
      fields: { exception: 'Illuminate\\Database\\QueryException', file: 'vendor/laravel/Connection.php', line: 829, message: 'SQLSTATE[HY000] [2002] Connection refused' }
    },
    { lines: [15], filter: 'empty' }, { lines: [16], filter: null }], warn],
  ['two of them', ['   RuntimeException ', '', '  one', '', '   App\\TypeError ', '  two', 'text'], [{ lines: [1, 2, 3], fields: { message: 'one' } },
    { lines: [4], filter: 'empty' }, { lines: [5, 6], fields: { exception: 'App\\TypeError', message: 'two' } }, { lines: [7] }]],
  ['no head of one', ['   Warning ', '  set in', '   App\\E', '  App\\E '], [{ lines: [1] }, { lines: [2] }, { lines: [3] }, { lines: [4] }]],
  ['Python', [...python, 'text', ...python], [
    { lines: [1, 2, 3, 4, 5, 6, 7], fields: { exception: 'requests.exceptions.ConnectionError', file: '/app/x.py', line: 6, message: 'refused' } },
    { lines: [8] }, { lines: [9, 10, 11, 12, 13, 14, 15] }]],
  ['Python, an exception without words', ['Traceback (most recent call last):', '  File "x.py", line 1, in <module>', 'KeyboardInterrupt', 'text'],
    [{ lines: [1, 2, 3], fields: { exception: 'KeyboardInterrupt', message: 'KeyboardInterrupt' } }, { lines: [4] }]],
  ['Python, cut short by others', ['Traceback (most recent call last):', '  File "x.py", line 1, in f', 'PHP Warning:  x in /a.php on line 3', 'E: x', 'Traceback (most recent call last):', 'a text'],
    [{ lines: [1, 2] }, { lines: [3], level: 'warn' }, { lines: [4] }, { lines: [5] }, { lines: [6] }]],
  ['Python, with another writer between', [...python.slice(0, 3), apache('core:error', 'AH00036: x'), ...python.slice(5)],
    [{ lines: [1, 2, 3, 5, 6] }, { lines: [4], level: 'error' }]],
])

t.test('what Python 3.11 wrote of an exception is one record, with those that it came of and those in a group', async t => {
  const file = '/app/worker.py'
  const count = (name: string) => readFileSync(join(fixtures, 'python', `${name}.log`), 'utf8').trimEnd().split('\n').length
  const first = (to: number, from = 1) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
  for (const [name, whole, fields] of [
    ['inner', 8, { exception: 'ValueError', file, line: 2, message: 'bad value' }],
    ['chained', 19, { exception: 'KeyError', file, line: 5, message: "'missing'" }],
    ['caused', 19, { exception: 'RuntimeError', file, line: 8, message: 'could not start' }],
    ['group', 16, { exception: 'ExceptionGroup', file, line: 10, message: 'many (2 sub-exceptions)' }],
    ['recursion', 15, { exception: 'RecursionError', file, line: 14 }],
    ['syntax', 8, { exception: 'SyntaxError', file: '/app/settings.py', line: 1, message: "'(' was never closed" }],
    ['indent', 8, { exception: 'IndentationError', file: '/app/settings.py', line: 2 }],
    // Nothing marks further lines of a message and of a note: they might be anybody's.
    ['multi', 8, { exception: 'RuntimeError', message: 'first line' }],
    ['noted', 8, { exception: 'ValueError', message: 'with note' }],
  ] as const) {
    const records = [{ lines: first(whole), fields }, ...first(count(name), whole + 1).map(each => ({ lines: [each] }))]
    t.same(await mistakes(readFileSync(join(fixtures, 'python', `${name}.log`), 'utf8'), { source: 'stderr', records }), [], name)
  }
  const logged = readFileSync(join(fixtures, 'python', 'logged.log'), 'utf8')
  t.same(await mistakes(logged, { source: 'stderr', records: [{ lines: [1] }, { lines: first(20, 2), fields: { exception: 'KeyError' } }] }), [])
})

testCases('what only looks like more of a traceback is none', [
  ['a text and an indented line behind one', [...python, '  set in', '', 'During handling of the above exception', ...python],
    [{ lines: [1, 2, 3, 4, 5, 6, 7] }, { lines: [8] }, { lines: [9], filter: 'empty' }, { lines: [10] }, { lines: [11, 12, 13, 14, 15, 16, 17] }]],
  ['one that follows from it, which never comes', [...python, '', 'The above exception was the direct cause of the following exception:', '', 'text'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9], fields: { exception: 'requests.exceptions.ConnectionError' } }, { lines: [10], filter: 'empty' }, { lines: [11] }]],
  ['without the blank line', [...python, 'The above exception was the direct cause of the following exception:', ...python],
    [{ lines: [1, 2, 3, 4, 5, 6, 7] }, { lines: [8] }, { lines: [9, 10, 11, 12, 13, 14, 15] }]],
])

const xdebug = (line: string) => `[23-Nov-2026 01:02:10 UTC] ${line}`

// Genuine, of Laravel 8 behind php-fpm 8.2: its message ends with a newline.
const decorated = (text: string) => `[01-Dec-2026 19:36:53] WARNING: [pool www] child 16579 said into stderr: "${text}"`
testCases('a blank line that php-fpm decorates is blank', [
  ['behind a record', ['[2026-12-02 04:36:53] production.ERROR: declined: {', '  "code": 402', '}', '  ', '[2026-12-02 04:36:53] production.WARNING: next one  '].map(decorated),
    [{ lines: [1, 2, 3], level: 'error' }, { lines: [4], filter: 'empty' }, { lines: [5], level: 'warn' }]],
  ['alone', [decorated(''), decorated('\t '), decorated('" "'), decorated(' ').replace('stderr', 'stdin'), `x ${decorated('')}`, '""'],
    [{ lines: [1], filter: 'empty' }, { lines: [2], filter: 'empty' }, { lines: [3], filter: null }, { lines: [4], filter: null }, { lines: [5], filter: null }, { lines: [6], filter: null }]],
])

testCases('the frames of Xdebug belong to their error', [
  ['a notice, filtered with them', [xdebug('PHP Notice:  x in /a.php on line 9'), xdebug('PHP Stack trace:'), xdebug('PHP   1. {main}() /a.php:0'), xdebug('PHP Warning:  y in /a.php on line 9')],
    [{ lines: [1, 2, 3], filter: 'below-level', fields: { file: '/a.php', line: 9, message: 'x' } }, { lines: [4], filter: null }], warn],
  ['by php-fpm', ['NOTICE: PHP message: PHP Warning:  x in /a.php on line 9', 'NOTICE: PHP message: PHP Stack trace:', 'NOTICE: PHP message: PHP   1. {main}() /a.php:0', 'text'],
    [{ lines: [1, 2, 3], level: 'warn' }, { lines: [4] }]],
  ['without a date', ['PHP Warning:  x in /a.php on line 9', 'PHP Stack trace:', 'PHP   1. {main}() /a.php:0', 'PHP   2. f() /a.php:3'], [{ lines: [1, 2, 3, 4], level: 'warn' }]],
  ['not of an error before a text', [xdebug('PHP Warning:  x in /a.php on line 9'), 'text', xdebug('PHP Stack trace:'), xdebug('PHP   1. {main}() /a.php:0')],
    [{ lines: [1] }, { lines: [2] }, { lines: [3, 4] }]],
])

testCases('errors on standard output are errors', [
  ['records of Monolog in JSON', ['{"message":"x","level":500,"level_name":"CRITICAL","channel":"app"}', '{"message":"x","level":200,"level_name":"INFO"}',
    '{"level":"info","message":"x","context":{"level":"error"}}', '{"msg":"x","lvl":"error"}', '{"status":200,"path":"/","level":"error"}'],
  [{ lines: [1], class: 'error', rule: 'stdout-error', level: 'crit' }, { lines: [2], class: 'app' }, { lines: [3], class: 'app' }, { lines: [4], class: 'error' }, { lines: [5], class: 'access' }], {}, 'stdout'],
  ['an uncaught exception', ['PHP Fatal error:  Uncaught E: x in /a.php:3', 'Stack trace:', '#0 {main}', '  thrown in /a.php on line 3', 'done'],
    [{ lines: [1, 2, 3, 4], class: 'error', level: 'error', fields: { exception: 'E' } }, { lines: [5], class: 'app' }], {}, 'stdout'],
  ['on a terminal, with its carriage returns and colours', ['\x1b[31m[2026-11-23 10:00:05] production.ERROR: x {"exception":"[object] (E(code: 0): x at /a.php:3)\x1b[0m\r', '[stacktrace]\r', '#0 {main}\r', '"} \r',
    '10.0.1.7 - - [23/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 45\r'],
  [{ lines: [1, 2, 3, 4], class: 'error', level: 'error' }, { lines: [5], class: 'access', repairs: ['carriage_return'] }], {}, 'stdout'],
  ['Apache, php-fpm and loggers', ['[Mon Nov 23 19:36:29.437756 2026] [php:error] [pid 1:tid 1] x', 'NOTICE: PHP message: PHP Warning:  x in /a.php on line 3', '2026-11-23 10:00:01 [::1][-][-][error][E] x',
    'CRITICAL - 2026-11-23 10:00:00 --> x', '10:00:01 CRITICAL  [console] x'],
  [{ lines: [1], class: 'error' }, { lines: [2], class: 'app' }, { lines: [3], class: 'error' }, { lines: [4], class: 'error' }, { lines: [5], class: 'error' }], {}, 'stdout'],
  ['of the logs of Apache and php-fpm, whatever their level', ['[30-Nov-2026 21:56:09] WARNING: [pool www] server reached pm.max_children setting (2), consider raising it', '[Mon Nov 30 21:57:25.769790 2026] [core:notice] [pid 24459:tid 24459] AH00052: child pid 24461 exit signal Segmentation fault (11)',
    '[Mon Nov 30 21:57:25.534739 2026] [php:notice] [pid 24462:tid 24462] [client 127.0.0.1:40494] {"message":"by error_log","level":"info"}', '[30-Nov-2026 21:56:05] WARNING: [pool www] child 23354 said into stderr: "{"message":"cache warmed","level":"info"}"',
    '[30-Nov-2026 21:56:06]  [pool www] pid 23673', 'script_filename = /app/slow.php', '[0x00007f8690416070] usleep() /app/slow.php:1', '[30-Nov-2026 21:56:06] NOTICE: finished trace of 23673'],
  [{ lines: [1], class: 'error', rule: 'stdout-error', level: 'warn' }, { lines: [2], class: 'error', level: 'notice' }, { lines: [3], class: 'app' }, { lines: [4], class: 'app' }, { lines: [5, 6, 7], class: 'error', level: 'warn' }, { lines: [8], class: 'error', level: 'notice' }], {}, 'stdout'],
  ['what PHP shows as text, by display_errors', latin1Lines(fixture('one-stream/php-display.log')),
    [{ lines: [1], filter: 'empty' }, { lines: [2, 3], class: 'app' }, { lines: [4], filter: 'empty' }, { lines: [5, 6, 7, 8], class: 'app' }, { lines: [9], class: 'app' }, { lines: [10], filter: 'empty' }, { lines: [11], class: 'app' }, { lines: [12], filter: 'empty' }, { lines: [13, 14, 15, 16, 17, 18], class: 'error', fields: { message: 'boom\nsecond' } }], {}, 'stdout'],
  ['from a level that is set', ['NOTICE: PHP message: PHP Warning:  x in /a.php on line 3', '{"level":"info"}', '{"level":"warning"}', 'x'],
    [{ lines: [1], class: 'error' }, { lines: [2], class: 'app' }, { lines: [3], class: 'error' }, { lines: [4], class: 'app' }], { SLUICE_APP_ERRORS_FROM: 'warn' }, 'stdout'],
  ['off', ['PHP Fatal error:  x in /a.php on line 3', '{"level":"error"}', '[30-Nov-2026 21:55:44] NOTICE: ready to handle connections'], [{ lines: [1], class: 'app' }, { lines: [2], class: 'app' }, { lines: [3], class: 'app' }], { SLUICE_APP_ERRORS_FROM: 'off' }, 'stdout'],
])

testCases('what stands around a line is no part of it', [
  ['of access lines', ['{"status":200,"path":"/"}\r', '{"status":200,"path":"/"} ,\r', '\ufeff{"status":200,"path":"/"},', '\x1b[32m{"status":200,"path":"/"}\x1b[0m',
    '{"status":-,"path":"/\\x41"}\r', '\r', '{"status":200,"path":"/"} x'],
  [{ lines: [1], class: 'access', rule: 'access', repairs: ['carriage_return'] }, { lines: [2], rule: 'access', repairs: ['comma', 'carriage_return'] }, { lines: [3], rule: 'access', repairs: ['comma', 'byte_order_mark'] },
    { lines: [4], rule: 'access', repairs: ['terminal_colour'] }, { lines: [5], class: 'access', repairs: ['hex_escape', 'bare_value', 'carriage_return'] }, { lines: [6], filter: 'empty' }, { lines: [7], class: 'invalid' }], {}, 'stdout'],
  ['of errors', ['[Mon Nov 23 19:36:29.437756 2026] [php:warn] [pid 1:tid 1] PHP Warning:  x in /a.php on line 3\r', '\ufeffPHP Warning:  x in /a.php on line 3', '\x1b[37;41m CRITICAL \x1b[0m x', '\x1b[1m[2026-11-23 10:00:05] a.ERROR:\x1b[0m x  \r'],
    [{ lines: [1], level: 'warn', fields: { line: 3 }, repairs: ['carriage_return'] }, { lines: [2], level: 'warn' }, { lines: [3] }, { lines: [4], level: 'error', fields: { message: 'x' } }]],
  ['of a trace', ['PHP Fatal error:  Uncaught E: x in /a.php:3\r', 'Stack trace:\r', '#0 {main}\r', '  thrown in /a.php on line 3\r'], [{ lines: [1, 2, 3, 4], fields: { exception: 'E', file: '/a.php', line: 3 } }]],
  ['of php-fpm\'s access lines', ['127.0.0.1 -  23/Nov/2026:19:38:38 +0000 "GET /x.php" 200\r'], [{ lines: [1], class: 'access', rule: 'fpm-access' }]],
])

testCases('levels, channels and places of what frameworks write', [
  fieldsOf('EC-CUBE 3', '[2016-10-19 16:17:43,998398] front.INFO  [3a6d1336] [94139743] [1] [Application:Eccube\\{closure}:733] - 処理を開始しました ["homepage"]  [GET, /, ::1, http://localhost/, Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_4)]',
    'info', { channel: 'front', client: '::1', message: '処理を開始しました ["homepage"]' }),
  fieldsOf('EC-CUBE 4, an exception', '[2026-11-23T19:00:01.123456+09:00] admin.CRITICAL [d0254ab9] [5345b59] [N/A] [Symfony\\E:on:66] - Uncaught PHP Exception RuntimeException: "boom" at /app/src/A.php line 12 [] [POST, /admin, 203.0.113.9, NULL, curl]',
    'crit', { channel: 'admin', exception: 'RuntimeException', file: '/app/src/A.php', line: 12, message: 'boom', time: '2026-11-23T10:00:01.123456Z' }),
  fieldsOf('EC-CUBE 4 without a session', '[2026-11-23 19:00:00.223456] doctrine.WARNING [] [5345b59] [] [A:b:1] - slow [] [, , , , ]', 'warn', { channel: 'doctrine', message: 'slow []' }),
  fieldsOf('EC-CUBE 2, a warning', '2026/11/23 19:00:00 [/shopping/payment.php] Warning(E_USER_WARNING): x on [/var/www/data/SC_Query.php(123)] from 203.0.113.9',
    'warn', { kind: 'Warning', file: '/var/www/data/SC_Query.php', line: 123, message: 'x', client: '203.0.113.9' }),
  fieldsOf('EC-CUBE 2, an error with its trace', '2026/11/23 19:00:00 [/index.php] Fatal error(E_USER_ERROR): x on [/a.php(1)] from ::1\ncustomer_id = 3\n/var/www/data/x.php(12): SC_Query->query\n/var/www/html/index.php(3): require',
    'error', { file: '/a.php', line: 1, message: 'x' }),
  fieldsOf('EC-CUBE 2, an exception', '2026/11/23 19:00:00 [/index.php] Exception: boom in /a.php:3\nStack trace:\n#0 {main} from 203.0.113.9', 'error', { exception: 'Exception', file: '/a.php', line: 3, message: 'boom' }),
  fieldsOf('EC-CUBE 2, any text', '2026/11/23 19:00:00 [/index.php] ログイン from 203.0.113.9', null, { message: 'ログイン', client: '203.0.113.9' }),
  fieldsOf('Laravel', '[2026-11-23 10:00:05] production.ERROR: boom {"userId":7,"exception":"[object] (App\\\\E(code: 0): boom at /app/a.php:3)\n[stacktrace]\n#0 {main}\n"} ', 'error', { channel: 'production', exception: 'App\\E', file: '/app/a.php', line: 3 }),
  fieldsOf('Symfony', '[2026-11-23T10:00:00.123456+00:00] request.CRITICAL: Uncaught PHP Exception App\\E: "boom" at /app/src/A.php line 12 {"exception":"[object] (App\\\\E(code: 0): boom at /app/src/A.php:12)"} []',
    'crit', { channel: 'request', exception: 'App\\E', file: '/app/src/A.php', line: 12 }),
  fieldsOf('Symfony\'s own logger', '2026-11-23T10:00:00+00:00 [critical] Uncaught PHP Exception App\\E: "boom" at /app/src/A.php line 12', 'crit', { exception: 'App\\E', line: 12, message: 'boom', time: '2026-11-23T10:00:00.000Z' }),
  fieldsOf('Symfony\'s console', '10:00:01 CRITICAL  [console] Error thrown while running command "app:foo". Message: "boom"', 'crit', { channel: 'console' }),
  fieldsOf('Symfony\'s console, a warning', '10:00:01 WARNING   [app] low', 'warn', { channel: 'app', message: 'low' }),
  fieldsOf('Magento on one line', '[2026-11-23T10:00:00.123456+00:00] main.ERROR: Magento\\E: No such entity in /a.php:50 [] []', 'error', { exception: 'Magento\\E', file: '/a.php', line: 50, message: 'No such entity', channel: 'main' }),
  fieldsOf('Magento, its report', '[2026-11-23T10:00:00+00:00] report.CRITICAL: Error: Call to a member function x() on null in /a.php:50\nStack trace:\n#0 /b.php(3): f()\n#1 {main} {"report_id":"abc"} []', 'crit', { exception: 'Error', line: 50, channel: 'report' }),
  fieldsOf('Magento, newer', '[2026-11-23T10:00:00+00:00] main.CRITICAL: No such entity {"exception":"[object] (Magento\\\\E(code: 0): No such entity at /a.php:50)"} []', 'crit', { exception: 'Magento\\E', line: 50, message: 'No such entity' }),
  fieldsOf('Drupal by error_log', apache('php:notice', '[client ::1:2] Uncaught PHP Exception Drupal\\\\E: "The plugin" at /core/x.php line 53'), 'notice', { exception: 'Drupal\\E', file: '/core/x.php', line: 53, message: 'The plugin' }),
  fieldsOf('Drush', ' [error]  Error: Call to undefined function x() in f() (line 3 of /a.php).', 'error', { exception: 'Error', file: '/a.php', line: 3 }),
  fieldsOf('Drupal to standard error', 'WATCHDOG: [WARNING] [php] [2026-11-23T10:00:00] Warning: Undefined variable $x in f() (line 3 of /a.php). | uid: 0', 'warn', { channel: 'php', kind: 'Warning', file: '/a.php', line: 3 }),
  fieldsOf('Drupal as it tells syslog', 'https://shop.example|1795462915|php|203.0.113.9|https://shop.example/node/1|https://ref/|0||Error: Call to undefined function x() in f() (line 3 of /a.php).', null, { channel: 'php', client: '203.0.113.9', exception: 'Error', line: 3 }),
  fieldsOf('CakePHP 5', '2026-11-23 10:00:00 error: [Cake\\Http\\Exception\\MissingControllerException] Controller class Foo could not be found. in /a.php on line 131', 'error', { exception: 'Cake\\Http\\Exception\\MissingControllerException', file: '/a.php', line: 131, message: 'Controller class Foo could not be found.' }),
  fieldsOf('CakePHP 3', '2026-11-23 10:00:00 Error: [App\\FooException] boom\nRequest URL: /foo\nStack Trace:\n#0 /b.php(3): f()\n#1 {main}', 'error', { exception: 'App\\FooException', message: 'boom' }),
  fieldsOf('CakePHP, a warning', '2026-11-23 10:00:00 warning: Warning (2): Undefined variable $x in [/a.php, line 12]\nTrace:\nCake\\E::handleError() - CORE/src/E.php, line 153\n[main] - ROOT/x.php, line 9', 'warn', {}),
  fieldsOf('CodeIgniter 3', 'ERROR - 2026-11-23 10:00:00 --> Severity: error --> Exception: boom /var/www/a.php 12', 'error', { file: '/var/www/a.php', line: 12, message: 'boom' }),
  fieldsOf('CodeIgniter 3, a page', 'ERROR - 2026-11-23 10:00:00 --> 404 Page Not Found: favicon.ico', 'error', { message: '404 Page Not Found: favicon.ico' }),
  fieldsOf('CodeIgniter 4, below', 'INFO - 2026-11-23 10:00:00 --> Session: Class initialized', 'info', {}),
  fieldsOf('Yii 2', '2026-11-23 10:00:01 [203.0.113.9][7][abc][error][yii\\web\\HttpException:404] yii\\web\\NotFoundHttpException: Page not found. in /a.php:12\nStack trace:\n#0 {main}', 'error', { channel: 'yii\\web\\HttpException:404', exception: 'yii\\web\\NotFoundHttpException', line: 12 }),
  fieldsOf('Yii 1', '2026/11/23 10:00:00 [warning] [application] low\nREQUEST_URI=/foo\n---', 'warn', { channel: 'application' }),
  fieldsOf('Yii 2, its profiler', '2026-11-23 10:00:01 [-][-][-][info][yii\\db\\Command::query] SELECT 1', 'info', { channel: 'yii\\db\\Command::query', message: 'SELECT 1' }),
  fieldsOf('WordPress', '[23-Nov-2026 10:00:00 UTC] WordPress database error Table \'x\' doesn\'t exist for query SELECT 1 made by f', 'notice', { time: '2026-11-23T10:00:00.000Z' }),
  fieldsOf('WordPress, a plugin\'s deprecation', '[23-Nov-2026 10:00:00 UTC] PHP Deprecated:  Function x is deprecated in /wp/a.php on line 6114', 'info', { kind: 'Deprecated', line: 6114 }),
  fieldsOf('WooCommerce', '2026-11-23T10:00:00+00:00 CRITICAL Uncaught Error: x in /a.php:12 CONTEXT: {"a":1}', 'crit', { time: '2026-11-23T10:00:00.000Z' }),
  fieldsOf('JSON, loglevel', '{"loglevel":"WARN","msg":"x"}', 'warn', { message: 'x' }),
  fieldsOf('JSON, lvl', '{"lvl":50,"msg":"x","logger":"a"}', 'error', { channel: 'a' }),
  fieldsOf('JSON, log_level', '{"timestamp":"2026-11-23T10:00:00Z","log_level":"critical","message":"x"}', 'crit', { time: '2026-11-23T10:00:00.000Z' }),
  fieldsOf('JSON, nested', '{"@timestamp":"2026-11-23T10:00:00Z","log":{"level":"error"},"message":"x"}', 'error', {}),
  fieldsOf('ErrorLogFormat in JSON, no module', '{"time":"2026-11-23 10:00:00.123456", "function" : "[-:warn]","process" : "[pid123]" ,"message" : "x "y" z"}', 'warn', { pid: '123', message: 'x "y" z' }),
  fieldsOf('ErrorLogFormat in JSON, another key', '{"source":"[ssl:info]","message":"AH01914: Configuring"},', 'info', { module: 'ssl', code: 'AH01914' }),
  fieldsOf('ErrorLogFormat in JSON, PHP\'s error', '{"time":"x","function":"[php:error]","message":"PHP Warning:  x in /a.php on line 3"}', 'warn', { module: 'php', kind: 'Warning', line: 3 }),
  fieldsOf('AH01071, glued', apache('proxy_fcgi:error', '[client ::1:2] AH01071: Got error \'PHP message: PHP Notice:  a in /a.php on line 1PHP message: PHP Fatal error:  b in /b.php on line 2\''), 'error', { kind: 'Fatal error', file: '/b.php', line: 2 }),
  fieldsOf('AH01071, glued texts', apache('proxy_fcgi:error', '[client ::1:2] AH01071: Got error \'PHP message: onePHP message: two\''), 'notice', { message: 'one\ntwo' }),
  fieldsOf('AH01071, a newline between', apache('proxy_fcgi:error', '[client ::1:2] AH01071: Got error \'PHP message: PHP Deprecated:  a in /a.php on line 1\\nPHP message: PHP Warning:  b in /b.php on line 2\''), 'warn', { line: 2 }),
])

t.test('one bug has one fingerprint, whatever ids, numbers and frames', async t => {
  const of = async (line: string) => (await explained(`${line}\n`, { source: 'stderr' }))[0]?.fields?.['fingerprint']
  for (const [one, other] of [
    ['[2026-11-23T10:00:00+00:00] main.CRITICAL: Magento\\E: No entity with id = 42 in /a.php:50\nStack trace:\n#0 /q.php(1): f(42)\n#1 {main} [] []', '[2026-11-24T11:00:00+00:00] main.CRITICAL: Magento\\E: No entity with id = 77 in /a.php:50\nStack trace:\n#0 {main} [] []'],
    ['In Foo.php line 3:\n\n  boom 1  \n', 'In Foo.php line 3:\n\n  boom 2  \n\na:b [--c]'],
    ['[2026-11-23 19:00:00.2] front.ERROR [a] [b] [1] [A:b:1] - failed [GET, /a, ::1, NULL, x]', '[2026-11-23 20:00:00.2] front.ERROR [c] [d] [2] [A:b:1] - failed [POST, /b, ::1, NULL, y]'],
  ] as const) {
    t.type(await of(one), 'string')
    t.equal(await of(one), await of(other), one)
  }
})
