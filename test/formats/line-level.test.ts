import t from 'tap'
import { levelOfLine } from '../../src/formats/line-level.ts'
import { unsure } from '../../src/formats/message-level.ts'
import { createRandom } from '../support/access-lines.ts'
import { errorLines, errorLineVariant } from '../support/error-lines.ts'
import { readerOf } from '../support/error-reading.ts'

const levelOf = readerOf('level')
const readFields = readerOf('fields')
const lines = errorLines()

/** The line within others, so that a look outside of it finds what could matter. */
function within (line: Buffer): readonly [bytes: Buffer, start: number, end: number] {
  const before = Buffer.from('PHP Warning: ')
  const bytes = Buffer.concat([before, line, Buffer.from('Warning: "] ')])
  return [bytes, before.length, before.length + line.length]
}

function wrongLevel (line: Buffer): string | undefined {
  const place = within(line)
  const [found, expected] = [levelOf(...place), readFields(...place).level]
  return found === expected ? undefined : `${found}, not ${expected}: ${JSON.stringify(line.toString('latin1'))}`
}

t.test('the level of a line is that of its fields: each line of the captures, and many at once', async t => {
  t.same(lines.map(line => wrongLevel(Buffer.from(line, 'latin1'))).filter(each => each !== undefined), [])
  for (let at = 0; at < lines.length; at += 5) {
    const joined = lines.slice(at, at + 2 + at % 20).join('\n')
    t.equal(wrongLevel(Buffer.from(joined, 'latin1')), undefined)
  }
})

const apache = '[Mon Nov 23 19:38:39.484880 2026] [proxy_fcgi:error] [pid 24426:tid 24465] [client 127.0.0.1:55626] '

t.test('of what php-fpm sent through Apache, the most severe message counts, up to the referer', async t => {
  const said = (text: string) => `${apache}AH01071: Got error '${text}`
  for (const [line, level] of [
    [said("PHP message: PHP Notice:  a; PHP message: PHP Fatal error:  b; PHP message: PHP Deprecated:  c'"), 'error'],
    [said('PHP message: a\\\\nPHP message: PHP Fatal error:  b'), 'error'],
    [said("PHP message: PHP Notice:  a in /a.php on line 1PHP message: PHP Fatal error:  bPHP message: c'"), 'error'],
    [said('PHP message: a\\nPHP message: PHP Warning:  b'), 'warn'],
    [said('PHP message: a\\; PHP message: PHP Warning:  b'), 'warn'],
    [said("PHP Warning:  cut; PHP message: a'"), 'warn'],
    [said("; PHP message: a', referer: https://x/; PHP message: PHP Fatal error:  b"), 'notice'],
    [said("Primary script unknown', referer: https://x/; PHP message: PHP Warning:  b"), 'error'],
  ] as const) {
    const bytes = Buffer.from(line)
    t.equal(levelOfLine(bytes, 0, bytes.length), level, line)
    t.equal(wrongLevel(bytes), undefined)
  }
})

t.test('of what a child of php-fpm wrote, a line of the opcache has the level that it says', async t => {
  const said = (text: string) => `[01-Dec-2026 19:36:45] WARNING: [pool www] child 16579 said into stderr: "${text}"`
  for (const text of ['Tue Dec  1 19:36:45 2026 (16579): Warning Interned string buffer overflow', 'Tue Dec 15 19:36:45 2026 (1): Fatal Error x',
    'Tue Dec  1 19:36:45 2026 (16579): x', 'NOTICE: PHP message: Tue Dec  1 19:36:45 2026 (16579): Warning x', 'Tue Dec Warning: x', 'Tue ']) {
    t.equal(wrongLevel(Buffer.from(said(text))), undefined)
  }
})

t.test('lines of the usual forms are told from their bytes', async t => {
  const usual = [
    `${apache}AH01630: client denied by server configuration: /x`, `${apache}PHP Warning:  x in /a.php on line 1`, `${apache}[payment] refused`,
    `${apache}[client 127.0.0.1] ModSecurity: Access denied`, `${apache}(111)Connection refused: AH00957: x`,
    '[Mon Nov 23 19:36:29 2026] [mpm_prefork:notice] [pid 7] AH00163: x', '[Mon Nov 23 19:36:29 2026] [error] x',
    `${apache}[2026-11-23 10:00:00] production.ERROR: x`, '[2026-11-23T10:00:00.123456+00:00] app.INFO: x', '[2026-11-23 10:00:00] local.error: x',
    '[23-Nov-2026 19:38:36] NOTICE: ready', '[23-Nov-2026 19:38:36] WARNING: [pool www] child 9 exited on signal 11 (SIGSEGV)',
    '[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: "NOTICE: PHP message: PHP Warning:  x"',
    '[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stdout: "any text", pipe is closed', 'NOTICE: PHP message: x',
    'PHP Fatal error:  Uncaught E: x in /a.php:1', '[24-Nov-2026 04:37:30 Asia/Tokyo] PHP Warning:  x', 'any text', 'Any text', '#0 /a.php(3): f()',
    '[payment] refused', '',
  ]
  for (const line of usual) {
    const bytes = Buffer.from(line)
    t.not(levelOfLine(bytes, 0, bytes.length), unsure, line)
    t.equal(wrongLevel(bytes), undefined)
  }
})

t.test('so it is of lines cut at any byte', async t => {
  const forms = new Map(lines.map(line => [line.slice(0, 60).replace(/\d+/g, '0').replace(/\w+/g, 'w'), line]))
  for (const line of forms.values()) {
    const bytes = Buffer.from(line, 'latin1')
    for (let end = 0; end < Math.min(bytes.length, 300); end++) {
      const wrong = wrongLevel(bytes.subarray(0, end))
      if (wrong !== undefined) t.fail(wrong)
    }
  }
  t.ok(forms.size > 50)
})

t.test('and of lines changed at random and put together anew', async t => {
  const random = createRandom(7)
  const levels = new Map<string, number>()
  for (let count = 0; count < 60_000; count++) {
    const line = errorLineVariant(lines, random)
    const wrong = wrongLevel(line)
    if (wrong !== undefined) t.fail(wrong)
    const level = String(levelOf(line, 0, line.length))
    levels.set(level, (levels.get(level) ?? 0) + 1)
  }
  t.equal(levels.size, 9, 'every level came, and none')
})
