import t from 'tap'
import * as lines from '../../src/formats/block-lines.ts'

t.test('each kind of line of a block is known by its own marks, and no other is', async t => {
  const table: readonly (readonly [(line: string) => boolean, readonly string[], readonly string[]])[] = [
    [lines.isDump, ['Array', 'stdClass Object', 'App\\A Object ', '<pre>Array', 'array(2) {', 'object(App\\A)#3 (1) {', 'enum(App\\E::A) {', 'array (', '(object) array(',
      '\\App\\A::__set_state(array(', '/app/a.php:3:'], ['An Array', 'Array of x', 'object', 'array', '/app/a.php:3: x', 'if (x) {']],
    [lines.isDumpBehind, ['failed: Array', 'x=App\\A Object', '"a" => array (', 'b: array(2) {', 'c: object(App\\A)#3 (1) {', 'd: App\\A::__set_state(array('],
      ['Array', 'a Array', 'x: Arrays', 'if (x) {', 'f: function () {', 'x: (']],
    [lines.announcesBracket, ['data: Array', 'Array', '<pre>Array', 'x App\\A Object'], ['Array x', 'anArray', 'object']],
    [lines.isOpener, ['(', '{ ', '['], ['()', '{"a"', ' (']],
    [lines.isCloser, [')', '}', ']', '));', '],', '} '], ['} []', ')x', ' )']],
    [lines.isOpened, ['$_GET = [', 'x (', '{'], ['[]', '[ x']],
    [lines.isPart, ['$_COOKIE = [', '$_SERVER = []', 'REQUEST_URI=/x', '---', 'Request URL: /x', 'Client IP: ::1', 'in APPPATH/a.php on line 9.', '[Method: GET, Route: /]',
      'customer_id = 3', 'Exception trace:'], ['$5 = x', '----', 'Request: x', 'in fact', 'id = 3']],
    [lines.isOddFrame, ['Cake\\E::f() - CORE/x.php, line 153', '[main] - ROOT/x.php, line 9', '/var/www/x.php(12): A->b'], ['f() - x', '/var/www/x.php: A', 'x, line 3']],
    [lines.isConsoleHead, ['In Foo.php line 3:'], ['In Foo.php line 3: x', 'In line 3:', 'in Foo.php line 3:']],
    [lines.isConsoleClass, ['  [App\\E]  ', '  [RuntimeException (3)]'], ['  [a] => 1', '[App\\E]', '   [App\\E] x']],
    [lines.isSynopsis, ['a:b [--c]', 'app:x <order>'], ['A:b [--c]', 'a:b', 'text']],
    [lines.isDrush, [' [error]  x', ' [notice] x'], ['[error] x', ' [x] y', ' [error]']],
    [lines.isHtmlStart, ['<br />', '<b>Warning</b>:  x', '<table class=\'xdebug-error\'>', '<font size=\'1\'><table class=\'xdebug'], ['<br /> x', '<b>x', '<html>']],
    [lines.isHtmlEnd, ['x on line <b>3</b><br />', '</table></font>', '</pre>'], ['on line 3', '<br />']],
    [lines.isProgram, ['sh: 1: x: not found', 'convert: unable', '/usr/bin/x: y', './run.sh: line 3: x', 'cron[17]: x', 'Segmentation fault', 'Killed', 'Aborted (core dumped)'],
      ['error: x', 'Error: x', 'x', 'Killed by x', 'message: x', 'a b: c', 'x:']],
  ]
  for (const [is, ours, others] of table) {
    for (const line of ours) t.ok(is(line), `${is.name}: ${line}`)
    for (const line of others) t.notOk(is(line), `${is.name}, none: ${line}`)
  }
})
