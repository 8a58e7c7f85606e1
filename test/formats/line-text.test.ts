import t from 'tap'
import { createErrorText } from '../../src/formats/line-text.ts'
import { fixture, latin1Lines } from '../support/lines.ts'

const text = createErrorText()
function read (line: string): string {
  const bytes = Buffer.from(`<${line}>`)
  text.read(bytes, 1, bytes.length - 1)
  return text.buffer.toString('utf8', text.start, text.end)
}
const apache = '[Mon Nov 23 19:41:56.478262 2026] [php:error] [pid 1:tid 1] [client 127.0.0.1:57386] '

t.test('what Apache escaped reads as it was written', async t => {
  t.equal(read(`${apache}PHP Fatal error:  Uncaught E: \\xe6\\x97\\xa5 in /a.php:3\\nStack trace:\\n#0 {main}\\n\\n  thrown`),
    `${apache}PHP Fatal error:  Uncaught E: 日 in /a.php:3\nStack trace:\n#0 {main}\n\n  thrown`)
  t.equal(read(`${apache}{"msg":"failed \\\\"quoted\\\\" \\\\\\\\ back","trace":"a\\\\nb"}`),
    `${apache}{"msg":"failed \\"quoted\\" \\\\ back","trace":"a\\nb"}`, 'JSON is JSON again')
  t.equal(read(`${apache}\\\\x41 \\x1b[31m \\v \\q end\\`), `${apache}\\x41 \\x1b[31m \\v \\q end\\`, 'and nothing else is undone')
  for (const prefix of ['', '2026-11-23 19:41:05.714148 ', '[2026-11-23 19:41:05.714148+0900] ', '[web1] ']) {
    t.equal(read(`${prefix}[php:error] [pid 26550:tid [client ::1:5] a\\tb`), `${prefix}[php:error] [pid 26550:tid [client ::1:5] a\tb`)
  }
  t.equal(read('AH00526: a\\tb'), 'AH00526: a\tb')
  t.equal(read('PHP Fatal error:  Uncaught E in /a:1\\nStack trace:\\n#0 {main}'), 'PHP Fatal error:  Uncaught E in /a:1\nStack trace:\n#0 {main}')
})

t.test('lines that Apache did not write stay as they are', async t => {
  for (const line of ['{"a":"b\\nc"}', '[24-Nov-2026 04:37:30 UTC] PHP Warning:  App\\name in x on line 1', 'C:\\temp\\new', '',
    '[2026-11-23 10:00:00] local.ERROR: a\\nb {"exception":"[object] (App\\\\E(code: 0)"}', 'a "[client 1.2.3.4] \\n"']) {
    t.equal(read(line), line)
    t.equal(text.writer, 'other')
  }
})

t.test('the decoration of php-fpm is taken off, its facts are kept', async t => {
  const said = '[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: '
  t.equal(read(`${said}"NOTICE: PHP message: PHP Warning:  a "b" \\n"`), 'PHP Warning:  a "b" \\n')
  t.same([text.writer, text.pool, text.pid, text.isPhpMessage], ['fpm', 'www', '24504', true])
  t.equal(read(`${said}"x\ny", pipe is closed`), 'x\ny')
  t.equal(text.isPhpMessage, false)
  t.equal(read('NOTICE: PHP message: x'), 'x')
  t.equal(read(`${said}"NOTICE: PHP message: "`), `${said}"NOTICE: PHP message: "`, 'an empty message is still a line')
  t.equal(read(`${said}"`), `${said}"`)
})

t.test('of the genuine captures no line keeps an escape of Apache that could be undone', async t => {
  for (const file of ['apache-modphp/stderr.log', 'php-fpm/apache-stderr.log']) {
    for (const line of latin1Lines(fixture(file)).filter(each => each.startsWith('[Mon'))) {
      const undone = read(line)
      if (line.includes('\\nStack trace:\\n#0')) t.match(undone, /\nStack trace:\n#0 /)
      // ModSecurity escapes on its own account what Apache then escapes once more.
      if (!line.includes('ModSecurity')) t.notMatch(undone.replace(/[^]*?\] /, ''), /(?<!\\)\\x[89a-f][0-9a-f]/, line.slice(0, 100))
    }
  }
})
