import { fixture, latin1Lines } from './lines.ts'

const captures = ['apache-modphp/stderr.log', 'php-fpm/fpm-stderr.log', 'php-fpm/apache-stderr.log', 'error-formats/apache.log',
  'error-formats/fpm-own-log.log', 'error-formats/monolog.log']

/** Every line of standard error in the fixtures, as latin1. */
export function errorLines (): readonly string[] {
  return captures.flatMap(name => latin1Lines(fixture(name)))
}

const head = '[Mon Nov 23 19:38:39.484880 2026] [proxy_fcgi:error] [pid 24426:tid 24465] [client 127.0.0.1:55626] '

/** What lines of standard error are made of, right and nearly right. */
const words = ['[Mon Nov 23 19:36:29.437756 2026] ', '[Mon Nov 23 19:36:29 2026] ', 'Mon Nov 23 19:36:29 2026 ', '[mon nov 23 19:36:29 2026] ',
  '[php:error] ', '[php:warn] ', '[core:notice] ', '[error] ', '[id:error] ', '[security2:error] ', '[php:trace8] ', '[php:emerg] ', '[PHP:error] ',
  '[pid 17:tid 140] ', '[pid 17] ', '[pid 12345678901] ', '[pid 1:tid ', '[client 127.0.0.1:57386] ', '[client ::1] ', '[remote 10.0.0.1:80] ', '[client (',
  'AH00072: ', 'AH01071: ', "AH01071: Got error 'PHP message: ", "'; PHP message: ", '(98)Address already in use: ', '(13)x ', '(-1)a: ', ', referer: ',
  'ModSecurity: ', 'mod_proxy.c(12): ', '"', '\\', '\\n', '\\xe6', '\n', '\n#0 ', '\nStack trace:\n#0 {main}', '\\nStack trace:\\n#0 ', '\0', '\xff', ' ', '  ',
  'PHP ', 'PHP Warning:  ', 'PHP Fatal error:  Uncaught ', 'Parse error: ', 'Recoverable fatal error: ', 'Catchable fatal error: ', 'Strict Standards: ',
  'Notice: ', 'Deprecated:  ', 'Unknown error: ', 'Warning:', 'WARNING: ', 'NOTICE: ', 'DEBUG: ', 'ALERT: ', 'ERROR: ', 'NOTICE: PHP message: ',
  'NOTICE: PHP message: PHP Notice:  ', '[24-Nov-2026 04:37:30 UTC] ', '[24-Nov-2026 04:37:30 America/New_York] ', '[23-Nov-2026 19:38:39] ',
  '[23-Nov-2026 19:38:39.123456] ', '[pool www] ', 'child 24504 ', 'said into stderr: "', 'said into stdout: "', '", pipe is closed', 'pid 1, f(), line 2: ',
  '[2026-11-23T10:00:00.123456+00:00] ', '[2026-11-23 10:00:00] ', '2026-11-23T10:00:00+00:00 ', '2026-11-23 10:00:00 ', 'app.ERROR: ', 'local.info: ',
  'a.b-c/d.CRITICAL: ', '.EMERGENCY: ', '[critical] ', '[warning]', 'ERR (3): ', 'CRITICAL - 2026-11-23 10:00:00 --> ', '{"level":"error","message":"',
  '{"level":300,"msg":"', '{"', '"}', '[payment] ', '[host x] ', '[id=1] ', '[R:1] ', '[app] ', '[', ']', ':', '#0 ', 'Stack trace:', 'App\\E: x in /a.php:3',
  ...Array.from({ length: 4 }, () => [`${head}AH01071: Got error '`, '; PHP message: ', '\\nPHP message: ', '\nPHP message: ', head]).flat(),
  '<br />', '<b>Warning</b>:  ', 'In Foo.php line 3:', 'In ', 'WATCHDOG: [error] [php] ', ' [error]  x', '10:00:01 CRITICAL  [console] ', '2026/11/23 10:00:00 [error] [x] ',
  '2026/11/23 10:00:00 [/a.php] Warning(E_WARNING): x on [/a(3)] from ::1', 'Uncaught PHP Exception E: "x" at /a line 3', 'front.INFO [a] [b] [c] - x', 'main.CRITICAL: A\\E: x in /a.php:3',
  '2026-11-23T10:00:00+00:00 CRITICAL x', 'Severity: error --> x /a 3', '[Cake\\E] x', '{"function":"[core:warn]","message":"', '{"lvl":"error"}', ' (line 3 of /a)', '  [App\\E]',
  'PHP message: ', ', referer: https://a/; PHP message: ', ', referer http://a/', ', referer ', '\\\\', '\\;', "Got error '",
  'mod_fcgid: stderr: ', 'mod_', '[fcgid:warn] ', '2026-11-23 10:00:00 [error][yii\\db\\E:8] ', '   ERROR  x', 'PHP message: PHP Stack trace:', 'Severity: 8192 --> x /a 3',
  'time="2026-12-01T10:00:00Z" level=error msg="', 'time=', '[ddtrace] ', '[trace] ', '[warn] ', 'OpenTelemetry: [error] ', 'OpenTelemetry: ', '2026/12/01 10:00:00 [warn] 30#30: *1 ', '2026-12-01 11:49:28,794 CRIT ',
  '2020-12-04 12:46:59.260 +0000 (36 36) warning: ', ' in /a.php on line 1', 'Next ', 'T foo:error ', 'localhost ', 'x [error] ', 'é', 'any text', 'A', 'a', '1']

/** Lines made of the captured ones and of their words: cut, changed in a few bytes, put together anew. */
export function errorLineVariant (lines: readonly string[], random: (limit: number) => number): Buffer {
  const pick = (from: readonly string[]) => from[random(from.length)] ?? ''
  let line = random(3) === 0 ? '' : pick(lines)
  switch (random(5)) {
    case 0: {
      const other = pick(lines)
      line = line.slice(0, seam(line, random)) + other.slice(seam(other, random))
      break
    }
    case 1: line = pick(words) + pick(words) + pick(words) + line.slice(seam(line, random)); break
    case 2: line = Array.from({ length: random(7) + 1 }, () => pick(words)).join(''); break
    default:
  }
  for (let count = random(4); count > 0; count--) {
    // Nearly all of what a reader decides by stands in front.
    const at = random(Math.min(random(4) === 0 ? 1000 : 120, line.length) + 1)
    const byte = String.fromCharCode(random(random(3) === 0 ? 256 : 128))
    const behind = line.slice(at + random(3))
    switch (random(4)) {
      case 0: line = line.slice(0, at) + behind; break
      case 1: line = line.slice(0, at) + byte + line.slice(at + 1); break
      case 2: line = line.slice(0, at) + pick(words) + (random(2) === 0 ? behind : line.slice(at)); break
      default: if (random(6) === 0) line = line.slice(0, at)
    }
  }
  return Buffer.from(line, 'latin1')
}

/** Index behind a space, a quote or a colon: somewhere a field may end. */
function seam (line: string, random: (limit: number) => number): number {
  const from = random(Math.min(200, line.length) + 1)
  const at = line.slice(from).search(/(?<=[ ":\]])/)
  return at < 0 ? line.length : from + at
}
