import { testCases } from '../support/record-cases.ts'

// What Guzzle, Laravel and `print_r` write of the answer of another system, after public reports; shortened.
const warn = { SLUICE_ERROR_MIN_LEVEL: 'warn' }
const json = { SLUICE_ERROR_FORMAT: 'json' }
const refused = 'Client error: `POST https://pay.example/v1/charges` resulted in a `402 Payment Required` response:'
const answer = ['{', '  "error": {', '    "code": "card_declined",', '    "doc_url": "https://pay.example/er (truncated...)']
const page = ['<!DOCTYPE html>', '<html>', '<body>', '', '<h1>500</h1> (truncated...)']
const guzzle = 'GuzzleHttp\\Exception\\ClientException'

testCases('the answer of an API within a message stays there', [
  ['pretty JSON in Laravel, twice', [`[2026-11-23 10:00:05] production.ERROR: ${refused}`, ...answer,
    ` {"exception":"[object] (GuzzleHttp\\\\Exception\\\\ClientException(code: 402): ${refused}`, ...answer,
    ' at /app/vendor/guzzlehttp/guzzle/src/Exception/RequestException.php:113)', '[stacktrace]', '#0 {main}', '"} ', 'text'],
  [{ lines: Array.from({ length: 14 }, (_, index) => index + 1), level: 'error', fields: { exception: guzzle, line: 113, channel: 'production' } }, { lines: [15], level: null }], json],
  ['pretty JSON in an exception that nobody caught', [`PHP Fatal error:  Uncaught ${guzzle}: ${refused}`, ...answer, ' in /app/RequestException.php:113', 'Stack trace:', '#0 {main}',
    '  thrown in /app/RequestException.php on line 113'],
  [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9], level: 'error', fields: { exception: guzzle, file: '/app/RequestException.php' } }], json],
  ['a page in Monolog', [`[2026-11-23T10:00:00.123456+09:00] payment.ERROR: ${refused}`, ...page, ' [] []', 'text'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7], level: 'error', fields: { channel: 'payment' } }, { lines: [8], level: null }], json],
  ['a page in an exception that nobody caught', [`PHP Fatal error:  Uncaught ${guzzle}: ${refused}`, ...page, ' in /app/RequestException.php:113', 'Stack trace:', '#0 {main}',
    '  thrown in /app/RequestException.php on line 113'],
  [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], level: 'error', fields: { exception: guzzle, line: 113 } }], json],
  ['pretty JSON on standard output, and an access line between', [`[2026-11-23 10:00:05] production.ERROR: ${refused}`, ...answer, '{"status":200,"method":"GET","path":"/"}', ' {"order":1} '],
    [{ lines: [1, 2, 3, 4, 5, 7], class: 'error', level: 'error' }, { lines: [6], class: 'access' }], json, 'stdout'],
  ['a dump on lines of its own', ['NOTICE: PHP message: refused:', 'Array', '(', '    [code] => 402', ')', '', 'NOTICE: PHP message: next'],
    [{ lines: [1, 2, 3, 4, 5], level: 'notice' }, { lines: [6], filter: 'empty' }, { lines: [7] }]],
  ['not behind a record that a level filters', ['[2026-11-23 10:00:05] production.INFO: asked', '{', '  "error": 1', '}', '[2026-11-23 10:00:05] production.INFO: asked', '<html>'],
    [{ lines: [1], filter: 'below-level' }, { lines: [2, 3, 4], filter: null }, { lines: [5], filter: 'below-level' }, { lines: [6], filter: null }], warn],
])

testCases('what a program dumps behind a word is one record', [
  ['print_r', ['charge failed: Array', '(', '    [code] => 402', '    [body] => stdClass Object', '        (', '            [a] => 1', '        )', '', ')', '', 'text'],
    [{ lines: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, { lines: [10], filter: 'empty' }, { lines: [11] }]],
  ['var_export and var_dump', ['payload: array (', '  \'code\' => 402,', ')', 'answer = array(1) {', '  ["a"]=>', '  int(1)', '}', 'order: object(App\\Order)#3 (1) {', '  ["id"]=>', '  int(1)', '}', 'text'],
    [{ lines: [1, 2, 3] }, { lines: [4, 5, 6, 7] }, { lines: [8, 9, 10, 11] }, { lines: [12] }]],
  ['a word at the end is no dump', ['expected: Array', 'got: String', 'called f: array', 'sh: 1: x: not found', 'expected: Array', '  set in'],
    [{ lines: [1] }, { lines: [2] }, { lines: [3] }, { lines: [4] }, { lines: [5] }, { lines: [6] }]],
  ['within a message', ['[24-Nov-2026 04:37:30 UTC] first', 'answer: Array', '(', '    [a] => 1', ')', '[24-Nov-2026 04:37:30 UTC] next'], [{ lines: [1, 2, 3, 4, 5] }, { lines: [6] }]],
])
