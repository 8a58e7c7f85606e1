import { apache, fieldsOf, testCases } from '../support/record-cases.ts'

// As supervisord 4.2.5 wrote them here, and as public reports show the others.
const warn = { SLUICE_ERROR_MIN_LEVEL: 'warn' }
const job = 'iteration=0 job.command="php artisan schedule:run" job.position=0 job.schedule="* * * * *"'
const cron = (level: string, msg: string) => `time="2026-12-01T10:00:00+09:00" level=${level} msg=${msg}`

testCases('levels of what runs beside PHP', [
  fieldsOf('supervisord, a program that ended', '2026-12-01 11:49:29,875 WARN exited: php (exit status 255; not expected)', 'warn', { message: 'exited: php (exit status 255; not expected)' }),
  fieldsOf('supervisord, what it does', '2026-12-01 11:49:28,809 INFO supervisord started with pid 16051', 'info', { message: 'supervisord started with pid 16051' }),
  fieldsOf('supervisord, an alarm', '2026-12-01 11:49:28,794 CRIT reaped unknown pid 23)', 'crit', { message: 'reaped unknown pid 23)' }),
  fieldsOf('supervisord, its other words', '2026-12-01 11:49:28,794 ERRO pool dirs event buffer overflowed', 'error', {}),
  fieldsOf('supervisord, to find faults', '2026-12-01 11:49:28,794 DEBG fd 6 closed', 'debug', { message: 'fd 6 closed' }),
  fieldsOf('supercronic', `${cron('error', '"error running command: exit status 1"')} ${job}`, 'error',
    { time: '2026-12-01T01:00:00.000Z', message: 'error running command: exit status 1', context: job }),
  fieldsOf('supercronic, one word', `${cron('info', 'LOGIN')} channel=stdout ${job}`, 'info', { message: 'LOGIN' }),
  fieldsOf('an error of PHP that a job printed', `${cron('info', '"PHP Fatal error:  Uncaught App\\\\E: \\"no\\" in /app/a.php:3"')} channel=stderr ${job}`, 'error',
    { exception: 'App\\E', file: '/app/a.php', line: 3, message: '"no"' }),
  fieldsOf('a record of Monolog that a job printed', `${cron('info', '"[2026-12-01 10:00:00] production.ERROR: refused  "')} channel=stderr`, 'error', { channel: 'production', message: 'refused' }),
  fieldsOf('New Relic', '2026-12-01 12:46:59.260 +0000 (36 36) warning: daemon connect(fd=4 uds=/tmp/.newrelic.sock) returned -1 errno=ENOENT.', 'warn',
    { message: 'daemon connect(fd=4 uds=/tmp/.newrelic.sock) returned -1 errno=ENOENT.' }),
  fieldsOf('Datadog', '[ddtrace] [warning] Integration curl deferred', 'warn', { channel: 'ddtrace', message: 'Integration curl deferred' }),
  fieldsOf('Datadog in a log of PHP', '[01-Dec-2026 10:00:00 UTC] [ddtrace] [error] Failed signaling lifecycle end', 'error', { channel: 'ddtrace', message: 'Failed signaling lifecycle end' }),
  fieldsOf('Datadog by php-fpm', 'NOTICE: PHP message: [ddtrace] [error] Cannot update the span duration of an unfinished span.', 'error',
    { channel: 'ddtrace', message: 'Cannot update the span duration of an unfinished span.' }),
  fieldsOf('Datadog by mod_php', apache('php:notice', '[ddtrace] [debug] Loaded'), 'debug', { message: 'Loaded' }),
  fieldsOf('OpenTelemetry', 'OpenTelemetry: [error] Export failure [exception] no route [previous] cURL error 7\n#0 /app/PsrTransport.php(114): x()\n#1 {main}', 'error',
    { origin: 'app', channel: 'OpenTelemetry', message: 'Export failure [exception] no route [previous] cURL error 7', trace: '#0 /app/PsrTransport.php(114): x()\n#1 {main}' }),
  fieldsOf('OpenTelemetry by php-fpm', 'NOTICE: PHP message: OpenTelemetry: [warning] no span in /app/a.php(3)', 'warn', { channel: 'OpenTelemetry', message: 'no span in /app/a.php(3)' }),
  fieldsOf('nginx beside php-fpm', '2026/12/01 10:00:00 [warn] 30#30: *1 upstream server temporarily disabled, client: 203.0.113.9, server: _, request: "GET / HTTP/1.1"', 'warn',
    { pid: '30', client: '203.0.113.9', message: 'upstream server temporarily disabled, client: 203.0.113.9, server: _, request: "GET / HTTP/1.1"' }),
  fieldsOf('nginx on its own account', '2026/12/01 10:00:00 [notice] 1#1: start worker process 30', 'notice', { pid: '1', client: null, message: 'start worker process 30' }),
  fieldsOf('ECS, the class of an error', '{"@timestamp":"2026-12-01T10:00:00Z","log.level":"error","message":"x","error":{"type":"App\\\\E","message":"boom","stack_trace":"#0 {main}"}}', 'error',
    { exception: 'App\\E', message: 'x' }),
  fieldsOf('an error that is none of PHP', '{"level":"error","message":"x","class":"App\\\\E","error":{"type":"card_error"}}', 'error', { exception: 'App\\E', message: 'x' }),
  fieldsOf('words that look like it', 'level=high time="now"', null, { message: 'level=high time="now"' }),
])

testCases('they are filtered by their levels, and found on standard output', [
  ['filtered', [`${cron('info', 'starting')} ${job}`, `${cron('info', '"PHP Warning:  x in /a.php on line 3"')} ${job}`, '[ddtrace] [info] Flushing', 'NOTICE: PHP message: [ddtrace] [info] Flushing',
    '2026-12-01 11:49:28,809 INFO spawned: \'php\' with pid 8', 'time flies'],
  [{ lines: [1], filter: 'below-level' }, { lines: [2], filter: null }, { lines: [3], filter: 'below-level' }, { lines: [4], filter: 'below-level' }, { lines: [5], filter: 'below-level' }, { lines: [6], filter: null }], warn],
  ['found', ['2026-12-01 11:49:28,794 CRIT reaped unknown pid 23)', cron('error', 'x'), '2026-12-01 11:49:28,809 INFO spawned: \'php\' with pid 8', '[ddtrace] [warning] low'],
    [{ lines: [1], class: 'error' }, { lines: [2], class: 'error' }, { lines: [3], class: 'app' }, { lines: [4], class: 'app' }], {}, 'stdout'],
])

const failed = '  2026-12-01 10:00:02 App\\Jobs\\Charge ............................. 12.34ms FAIL'
const done = '  2026-12-01 10:00:02 App\\Jobs\\Charge ............................. 12.34ms DONE'
const info = '2026-12-01 10:00:00 [info] asked'

testCases('a job of Laravel that failed is an error of its own', [
  ['beside others', [info, failed, done, 'PHP Warning:  a', done, 'b in /a.php on line 3'], [{ lines: [1], filter: 'below-level' }, { lines: [2], level: 'error', filter: null }, { lines: [3], filter: 'below-level' },
    { lines: [4], level: 'warn' }, { lines: [5], filter: 'below-level' }, { lines: [6] }], warn],
  ['on standard output', [failed, done, ' 2024-03-20 08:00:00 Running [App\\Jobs\\ImportCharges] ............ 123ms FAIL', '  2026-12-01 10:00:02 App\\Jobs\\Charge ....... RUNNING', '  2026-12-01 10:00:02 it did not FAIL again'],
    [{ lines: [1], class: 'error', level: 'error' }, { lines: [2], class: 'app' }, { lines: [3], class: 'error' }, { lines: [4], class: 'app' }, { lines: [5], class: 'app' }], {}, 'stdout'],
])

const last = '{"message":"x","context":{"exception":{"class":"App\\\\E","message":"boom","code":0,"file":"/app/a.php:3","trace":["' +
  `${'/app/vendor/a/b/c.php:12","'.repeat(20)}/a:1"]}},"level":400,"level_name":"ERROR","channel":"app","datetime":"2026-12-01T10:00:00+00:00","extra":{}}`

testCases('what is whole by itself joins no message, and takes none', [
  ['a record of Monolog in JSON, whose level stands last', ['PHP Fatal error:  Uncaught App\\E: first', last, 'second in /a.php:3', 'Stack trace:', '#0 {main}', '  thrown in /a.php on line 3'],
    [{ lines: [1, 3, 4, 5, 6], fields: { message: 'first\nsecond' } }, { lines: [2], level: 'error', fields: { exception: 'App\\E' } }], { SLUICE_ERROR_FORMAT: 'json' }],
  ['what comes behind an exception without a name, whose trace PHP does not write', ['NOTICE: PHP message: PHP Fatal error:  Uncaught Exception@anonymous in /app/anon.php on line 1', 'text', '[24-Nov-2026 04:37:30 UTC] next'],
    [{ lines: [1], fields: { exception: 'Exception@anonymous', line: 1 } }, { lines: [2] }, { lines: [3] }], { SLUICE_ERROR_FORMAT: 'json' }],
  ['an object with any key of a level', ['PHP Fatal error:  Uncaught App\\E: first', '{"levelname":"CRITICAL","message":"x"}', 'second in /a.php:3'], [{ lines: [1, 3] }, { lines: [2], level: 'crit' }]],
  ['Monolog, whose message ends with a newline', ['[2026-11-23 10:00:05] production.ERROR: Array', '(', '    [a] => 1', ')', '', '  ', 'text', '[2026-11-23 10:00:05] production.ERROR: first', '', 'second', ' ', 'third  ', 'text'],
    [{ lines: [1, 2, 3, 4] }, { lines: [5], filter: 'empty' }, { lines: [6], filter: 'empty' }, { lines: [7], level: null }, { lines: [8, 9, 10, 11, 12] }, { lines: [13] }]],
  ['a line of supercronic', ['NOTICE: PHP message: refused', `${cron('info', 'starting')} ${job}`], [{ lines: [1] }, { lines: [2], level: 'info' }]],
  ['what a library writes before it ends the process', ['malloc(): corrupted top size', 'double free or corruption (!prev)', '*** stack smashing detected ***: terminated', 'free(): invalid pointer', 'corrupted size vs. prev_size',
    'libpng warning: iCCP: known incorrect sRGB profile'].flatMap(each => ['NOTICE: PHP message: refused', each]), Array.from({ length: 12 }, (_, index) => ({ lines: [index + 1] }))],
])
