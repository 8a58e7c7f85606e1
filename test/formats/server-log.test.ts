import t from 'tap'
import { isServerLine } from '../../src/formats/server-log.ts'
import { fixture, latin1Lines } from '../support/lines.ts'

/** Within other bytes, so that a look outside of the line finds what could matter. */
function isOfServer (line: string): boolean {
  const bytes = Buffer.from(`[Mon ${line}] AH00052: `, 'latin1')
  return isServerLine(bytes, 5, bytes.length - 11)
}

const php = '[Mon Nov 30 21:57:25.534739 2026] [php:notice] [pid 24462:tid 24462] [client 127.0.0.1:40494] '

t.test('what Apache and php-fpm write in their own logs is theirs', async t => {
  for (const line of [
    '[Mon Nov 30 21:57:25.769790 2026] [core:notice] [pid 24459:tid 24459] AH00052: child pid 24461 exit signal Segmentation fault (11)',
    '[Mon Nov 30 21:57:25 2026] [notice] x',
    '[Mon Nov 30 21:57:25.769790 2026] [host] [-:warn] [pid 24459] x',
    '[Mon Nov 30 21:57:25.769790 2026] AH00052: child pid 24461 exit signal Segmentation fault (11)',
    `${php}order 42 refused`,
    'AH00558: apache2: Could not reliably determine the server\'s fully qualified domain name',
    '(13)Permission denied: AH00132: file permissions deny server access: /x',
    '[2026-11-30 21:57:25.769790] [core:notice] [pid 24459] AH00052: child pid 24461 exit signal Segmentation fault (11)',
    'Mon Nov 30 21:57:25.769790 2026 core:notice 24459 AH00052: child pid 24461 exit signal Segmentation fault (11)',
    'Mon Nov 30 07:55:58 2026 (9987): Warning Not enough free shared space to allocate 80 bytes (8 bytes free)',
    '[30-Nov-2026 21:56:09] WARNING: [pool www] server reached pm.max_children setting (2), consider raising it',
    '[30-Nov-2026 21:55:44] NOTICE: ready to handle connections',
    '[30-Nov-2026 21:55:44.123456] DEBUG: pid 9, fpm_event_loop(), line 412: event module triggered 1 events',
    '[30-Nov-2026 21:56:06]  [pool www] pid 23673\nscript_filename = /app/slow.php\n[0x00007f8690416070] usleep() /app/slow.php:1',
  ]) t.ok(isOfServer(line), line)
})

t.test('what an application wrote is not, whoever passed it on', async t => {
  for (const line of [
    '', '[', '(', 'A', 'AH', 'AH00558', 'AH00558 x', 'cache warmed', '(3) items', '(3)x: y: z',
    `${php}{"message":"by error_log","level":"info"}`,
    '[30-Nov-2026 21:56:05] WARNING: [pool www] child 23354 said into stderr: "{"message":"cache warmed","level":"info"}"',
    '[30-Nov-2026 21:56:05] WARNING: [pool www] child 23354 said into stdout: "x", pipe is closed',
    '[30-Nov-2026 21:56:05 UTC] NOTICE: x', '[30-Nov-2026 21:56:05 Asia/Tokyo] PHP Warning:  x in /a.php on line 3', '[30-Nov-2026 21:56:05] x',
    'NOTICE: PHP message: x', 'NOTICE: x', 'WARNING: cache miss',
    '[Mon Nov 30 21:57:25 2026] 127.0.0.1:5000 Accepted', '[Mon Nov 30 21:57:25 2026] PHP Warning:  x in /a.php on line 3',
    'Mon Nov 30 07:55:58 2026 (9987): done', 'Mon Nov 30 07:55:58 2026 core:notice x',
    '[2026-11-30 10:00:05] app.INFO: AH00052: child pid 1 exit signal x', '[2026-11-30 10:00:05] [app:info] x', '[2026-11-30T10:00:05+00:00] [notice] x',
    'the log says AH00052: child pid 1', '{"message":"AH00052: child pid 1"}',
  ]) t.notOk(isOfServer(line), line)
})

t.test('of genuine streams all lines but those of the application are theirs', async t => {
  for (const [name, application] of [['apache-modphp', /^\{|^\[Mon [^{]*\] \{|^to stdout$|^\[2026-/], ['php-fpm', /said into|^script_filename|^\[0x|^$/]] as const) {
    const lines = latin1Lines(fixture(`one-stream/${name}.log`))
    t.same(lines.filter(line => !isOfServer(line)), lines.filter(line => application.test(line)), name)
  }
})
