import fc from 'fast-check'
import t from 'tap'
import { readTraceLine } from '../../src/formats/error-lines.ts'
import { TraceLine, lineKind, type LineKind } from '../../src/formats/trace-line.ts'

const line = new TraceLine()

function read (text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  readTraceLine(bytes, 0, bytes.length, line)
  const name = (Object.keys(lineKind) as (keyof typeof lineKind)[]).find(key => lineKind[key] === line.kind) ?? ''
  return line.kind === lineKind.header ? line.ending : name
}

t.test('each kind of line is known by its own marks', async t => {
  const table: Readonly<Record<string, readonly string[]>> = {
    other: [
      '[Mon Nov 23 19:36:29.437756 2026] [php:error] [pid 1:tid 1] [client 127.0.0.1:1] PHP Fatal error:  Uncaught E',
      '[23-Nov-2026 19:38:36] NOTICE: ready to handle connections', 'NOTICE: fpm is running, pid 1',
      '2026-11-23 19:41:05.714148 [php:error] x', '[2026-11-23 19:41:05] [php:error] [pid 1:tid [client ::1:2] x',
      '2026-11-23 19:41:05.1 localhost [error] [php] x', 'Mon Nov 23 19:41:05.1 2026 error php x', '{"level":"error","message":"x"}',
      '(111)Connection refused: AH00957: x', '[app] tagged',
      '127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET / HTTP/1.1" 200 1',
    ],
    whole: [
      'PHP Warning:  x in /a.php on line 1', 'Warning: x in /a.php on line 1', '[24-Nov-2026 04:37:30 UTC] {"level":1}',
      '[24-Nov-2026 04:37:30 UTC] PHP Deprecated:  x in /a b.php on line 1', 'NOTICE: PHP message: ',
      '[2026-11-23 10:00:00] local.INFO: x {"a":[1]} ', '[2026-11-23T10:00:00.1Z] a.b-c.ERROR: x [] []',
    ],
    thrown: ['PHP Fatal error:  Uncaught E: x in /a.php:1', '  thrown in /a.php on line 1'],
    'on-line': ['PHP Notice:  first', '[24-Nov-2026 04:37:30 America/Argentina/Buenos_Aires] PHP Parse error:  x'],
    backtrace: ['PHP Fatal error:  x in /a.php on line 1', 'PHP Recoverable fatal error:  x in /a.php on line 1'],
    context: ['[2026-11-23 10:00:00] local.ERROR: x', '[2026-11-23 10:00:00] a.ERROR: x {"exception":"[object] (E(code: 0): y]'],
    quiet: ['[24-Nov-2026 04:37:30 UTC] x', 'NOTICE: PHP message: x', '2026-11-23T10:00:00+00:00 [critical] x',
      'CRITICAL - 2026-11-23 10:00:00 --> x'],
    dated: ['2026-11-23 10:00:00 error: x', '2026-11-23 10:00:00 [::1][-][-][error][yii\\base\\E:8] x', '2026-11-23T10:00:00Z x'],
    json: ['{"a":1}', '{ "a": [1] }'],
    frames: ['App\\E: x in /a.php:3', 'RuntimeException: first line of several'],
    slow: ['[23-Nov-2026 19:38:42]  [pool www] pid 24505', 'script_filename = /a.php', '[0x00007fca38613070] f() /a.php:1'],
    xdebug: ['PHP Stack trace:', 'PHP   1. {main}() /a.php:0'],
    'one-more': ['AH00526: Syntax error on line 12 of /etc/apache2/x.conf:'],
    stack: ['Stack trace:', 'Stack Trace:', '[stacktrace]'],
    frame: ['#0 {main}', '#12 /a.php(3): f()', '- /a.php:12', '- [main]:'],
    next: ['Next App\\E: x', 'Next class@anonymous', '[previous exception] [object] (E(code: 0): x at /a.php:1)'],
    closing: ['"} []', '"}', '","user":7} ', '"] []'],
    indented: ['  amount=1', '\tx', '    [key] => value'],
    blank: ['', '\r'],
    unproven: ['Warning: not of PHP'],
    text: ['any text', 'Next time', '#hash', 'Error', '[0] => x'],
  }
  for (const [kind, texts] of Object.entries(table)) {
    const shown = kind === 'thrown' ? ['thrown', 'thrown'] : texts.map(() => kind)
    t.same(texts.map(read), shown, kind)
  }
})

t.test('what php-fpm says of its child is read apart from what the child said', async t => {
  const text = '[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: "#0 {main}", pipe is closed'
  const before = Buffer.from(`xx${text}`)
  readTraceLine(before, 2, before.length, line)
  t.equal(line.kind, lineKind.frame satisfies LineKind)
  t.equal(line.sender, '24504 stderr')
  t.equal(before.toString('utf8', line.bodyStart, line.bodyEnd), '#0 {main}')
})

t.test('no bytes make it throw, read outside of the line or take long', async t => {
  const piece = fc.constantFrom('[', ']', ' ', 'PHP ', 'Fatal error:  ', '[24-Nov-2026 04:37:30 UTC] ', 'a'.repeat(500), '1'.repeat(300),
    '\\', 'E: ', ' in ', ':3', ' on line 3', '"', '{"', '}', 'Next ', '/Nov/2026:', '-', '.ERROR: ', '[2026-11-23 10:00:00] ')
  fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), parts => {
    const text = Buffer.from(parts.join(''))
    readTraceLine(text, 0, text.length, line)
    const alone = { ...line }
    const within = Buffer.concat([Buffer.from('#0 "} '), text, Buffer.from(' on line 3"} []')])
    readTraceLine(within, 6, 6 + text.length, line)
    return line.kind === alone.kind && line.bodyEnd - line.bodyStart === alone.bodyEnd - alone.bodyStart &&
      line.bodyEnd <= 6 + text.length
  }), { numRuns: 1000 })
})
