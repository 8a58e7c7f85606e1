/**
 * What stands at the left margin and belongs to a block all the same: dumps of variables, what PHP writes as HTML, the
 * blocks of consoles, and the lines that frameworks set behind their message.
 *
 * Sources: https://www.php.net/manual/en/function.print-r.php, var-dump, var-export;
 * https://github.com/php/php-src/blob/master/main/main.c (php_error_cb, html_errors);
 * https://github.com/symfony/console/blob/7.4/Application.php (doRenderThrowable);
 * https://github.com/nunomaduro/collision/blob/v8.x/src/Writer.php (renderTitleAndDescription);
 * https://docs.python.org/3/library/traceback.html;
 * https://github.com/yiisoft/yii2/blob/master/framework/log/Target.php (getContextMessage)
 */

/** `Array`, `stdClass Object`: what print_r writes before the line of its bracket. */
const printed = /^(?:<pre>)?(?:Array|[A-Za-z_][\w\\]{0,200}(?:@anonymous\S{0,200})? Object)\s*$/
/**
 * `array:2 [` and `App\A {#3` of Symfony's dumper; `array(2) {`, `object(App\A)#3 (1) {`, `array (`,
 * `App\A::__set_state(array(`: var_dump and var_export.
 */
const dumped = new RegExp('^(?:(?:array|enum|object)\\([^()]{0,200}\\)(?:#\\d{1,10})?(?: \\(\\d{1,10}\\))? \\{' +
  '|(?:\\^ )?(?:array:\\d{1,10} \\[|[\\w\\\\]{1,200} \\{#\\d{1,10})|(?:\\(object\\) )?array ?\\(|\\\\?[\\w\\\\]{1,200}::__set_state\\(array\\()\\s*$')
/** `/app/x.php:12:`, which Xdebug writes before what it dumps. */
const dumpPlace = /^\/[^\s:]{1,300}\.\w{1,8}:\d{1,10}:\s*$/
/** A dump behind a word, `failed: Array`, as print_r, var_export and var_dump begin it. */
const dumpedBehind = new RegExp('[:=>] ?(?:Array|[A-Z][\\w\\\\]{0,100} Object|array ?\\(' +
  '|\\\\?[\\w\\\\]{1,100}::__set_state\\(array\\(' +
  '|(?:array|object)\\([^()]{0,100}\\)(?:#\\d{1,10})?(?: \\(\\d{1,10}\\))? \\{)\\s*$')
const dumpedObject = /\{#\d{1,10}\s*$/
const opener = /^[([{]\s*$/
const closer = /^[)\]}]{1,20}[,;]{0,2}\s*$/
/** What Yii writes before the array of an error of a database. */
const announced = /^Additional Information:\s*$/
const printedAtEnd = /(?:^|[\s>])(?:Array|[A-Za-z_][\w\\]{0,100} Object)\s*$/

/** Lines that frameworks set behind a message: each in the words of one of them. */
const parts = new RegExp('^(?:' + [
  // Yii
  'Additional Information:\\s*$', '\\$_?[A-Za-z]\\w{0,60} = ', 'in \\S{1,300} \\(\\d{1,10}\\)\\s*$', '(?:REQUEST_URI|HTTP_REFERER)=', '---\\s*$',
  // CakePHP
  '(?:Request URL|Referer URL|Client IP|Exception Attributes|Caused by|Trace): ?',
  // CodeIgniter
  'in \\S{1,300} on line \\d{1,10}\\.?\\s*$', '\\[Method: \\w{1,10}, Route: ',
  // EC-CUBE 2
  '(?:customer_id|login_id) = ',
  // Symfony's console
  'Exception trace:\\s*$',
].join('|') + ')')
const partStarts = '$ARHECT-ic[l'
/** Frames without a number: of CakePHP, of EC-CUBE 2. */
const frame = new RegExp('^(?:' +
  '(?:(?:[\\w\\\\]{1,200}(?:::|->))?[\\w{}\\\\]{1,200}\\(\\)|\\[main\\]|(?:include|require)(?:_once)?)(?: -)? [^\\s,]{1,300}, line \\d{1,10}' +
  '|\\/\\S{1,300}\\.\\w{1,8}\\(\\d{1,10}\\): \\S)')

const consoleHead = /^In [\w.-]{1,200} line \d{1,10}:\s*$/
/** The class, which older consoles have for a head. */
const consoleClass = /^ {2}\[[A-Z][\w\\]{2,200}(?: \(\d{1,10}\))?\]\s*$/
/** `   App\Exceptions\Refused `, with which Collision begins its block: a space of its colour follows. */
const collisionHead = /^ {3}(?:[A-Z]\w{0,100}\\[\w\\]{1,200}|[A-Z]\w{0,100}(?:Exception|Error)) +$/
const pythonHead = /^(?:Traceback| {2}\+ Exception Group Traceback) \(most recent call last\):\s*$/
/** Between the tracebacks of exceptions that followed from one another; a blank line stands on either side. */
const pythonBridge = /^(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):\s*$/
/** The last line of a traceback of Python: `requests.exceptions.Timeout: slow`, `KeyboardInterrupt`. */
const pythonEnd = /^[A-Za-z_][\w.]{0,200}(?:: .*)?\s*$/
const synopsis = /^[a-z][\w.:-]{0,100} .{0,300}[[<]/
const drush = /^ \[(?:emergency|alert|critical|error|warning|notice|note|caution|info|debug|success|ok)\] {1,2}\S/i
const laravelLabel = /^ {3}(?:INFO|WARN|ERROR|ALERT|SUCCESS) {2}\S/
/** `  2026-12-01 10:00:02 App\Jobs\Charge ....... 12.34ms FAIL`. Source: Illuminate/Queue/Console/WorkCommand.php */
const laravelJob = /^ {1,2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S/
const jobEnd = / (RUNNING|DONE|FAIL)\s*$/
const jobEndBytes = 80
/** `    0.0003     393408   1. {main}() /a.php:0`, as Xdebug writes a frame where it shows errors as text. */
const callStack = /^(?:Call Stack:\s*$| {2,8}\d{1,6}\.\d{4} {1,12}\d{1,12} {1,3}\d{1,6}\. )/

const htmlStart = /^<(?:br ?\/?>\s*$|b>[A-Z][A-Za-z ]{3,30}<\/b>: |font size='1'><table class='xdebug|table class='xdebug|pre class='xdebug)/
const htmlEnd = /(?:on line <b>\d{1,10}<\/b>(?:<br ?\/?>)?|<\/table><\/font>|<\/pre>)\s*$/

/** Of the C library, and of libraries for pictures and fonts. */
const libraryWord = new RegExp('^(?:(?:malloc|free|realloc|munmap_chunk)\\(\\): |double free or corruption |corrupted (?:size|double-linked)|' +
  '\\*\\*\\* (?:stack smashing|buffer overflow) detected|(?:libpng|Fontconfig) (?:warning|error): )')
const shellWord = /^(?:Segmentation fault|Aborted|Killed|Terminated|Hangup|Bus error|Illegal instruction|Floating point exception|Trace\/breakpoint trap)(?: \(core dumped\))?\s*$/
/** `sh: 1: pdftotext: not found`, `convert: unable to open`, `cron[17]: x`. */
const program = /^(?:\.{0,2}\/(?:[\w.+-]{1,100}\/){0,10})?([a-z][\w.+-]{0,30})(?:\[\d{1,10}\])?: \S/
/** Words before a colon with which the lines of a message begin. */
const noProgram = new Set(['error', 'warning', 'notice', 'message', 'response', 'request', 'reason', 'detail', 'details', 'body',
  'url', 'uri', 'query', 'sql', 'param', 'params', 'code', 'status', 'data', 'file', 'line', 'trace', 'at', 'from', 'to', 'in',
  'hint', 'context', 'type', 'key', 'value', 'id', 'user', 'name', 'host', 'port', 'method', 'path'])

/** Whether a line begins a dump of its own. */
export function isDump (head: string): boolean {
  return printed.test(head) || dumped.test(head) || dumpPlace.test(head)
}

/** Whether a line ends with the beginning of a dump, behind a word that says what it is. */
export function isDumpBehind (tail: string): boolean {
  const last = lastCode(tail)
  return (last === 0x79 || last === 0x74 || last === 0x28 || last === 0x7b) && dumpedBehind.test(tail)
}

/** Whether a bracket is still to come, on the next line: behind `Array` and `Object`. */
export function announcesBracket (tail: string): boolean {
  const last = lastCode(tail)
  return (last === 0x79 || last === 0x74) && printedAtEnd.test(tail)
}

/** The last character that is no white space. */
function lastCode (text: string): number {
  let index = text.length - 1
  while (index >= 0 && text.charCodeAt(index) <= 0x20) index--
  return index < 0 ? 0 : text.charCodeAt(index)
}

/** Whether a dump is still to come, on the next line. */
export const announcesDump = (head: string) => announced.test(head)
/** Whether nothing but a bracket stands there. */
export const isOpener = (head: string) => opener.test(head)
/** Whether nothing but closing brackets stands there, and what may be behind one. */
export const isCloser = (head: string) => closer.test(head)

/** Whether a line ends with a bracket that lines to come will close. */
export function isOpened (tail: string): boolean {
  const last = lastCode(tail)
  return last === 0x28 || last === 0x5b || last === 0x7b || (last >= 0x30 && last <= 0x39 && dumpedObject.test(tail))
}

/** Whether a framework sets such a line behind its message. */
export function isPart (head: string): boolean {
  return partStarts.includes(head.charAt(0)) && parts.test(head)
}

/** Whether it is a frame of a trace, in a form without a number. */
export function isOddFrame (head: string): boolean {
  return (head.includes('): ') || head.includes(', line ')) && frame.test(head)
}

/** Whether a block of a console begins: its place, or in older ones the class alone, which is set in. */
export const isConsoleHead = (head: string) => consoleHead.test(head)
export const isConsoleClass = (head: string) => consoleClass.test(head)
export const isCollisionHead = (head: string) => collisionHead.test(head)
export const isPythonHead = (head: string) => pythonHead.test(head)
export const isPythonBridge = (head: string) => pythonBridge.test(head)
export const isPythonEnd = (head: string) => pythonEnd.test(head)
/** Whether it says how a command is called, as the last line of a console's block does. */
export const isSynopsis = (head: string) => synopsis.test(head)
/** Whether Xdebug wrote it, which shows errors as text: the head of its frames, or one of them. */
export const isCallStack = (head: string) => callStack.test(head)
/** Whether Laravel's console wrote it, which sets everything in: `   ERROR  message`, or what became of a job. */
export const isLaravelLine = (head: string) => laravelLabel.test(head) || jobOutcome(head) !== undefined
/** How a job of Laravel went: `FAIL`, `DONE`, or that it is `RUNNING`; undefined of any other line. */
export function jobOutcome (line: string): string | undefined {
  if (!laravelJob.test(line)) return undefined
  const end = line.slice(-jobEndBytes)
  // A name that fills the line has a space in place of its dots.
  return end.includes('..') || end.includes('  ') ? jobEnd.exec(end)?.[1] : undefined
}

/** Whether Drush or SymfonyStyle wrote it: ` [error]  message`. */
export const isDrush = (head: string) => drush.test(head)
/** Whether PHP begins an error in HTML here. */
export const isHtmlStart = (head: string) => htmlStart.test(head)
export const isHtmlEnd = (tail: string) => htmlEnd.test(tail)

/** Whether another program wrote it, or the shell of one: nothing that PHP has open goes on with it. */
export function isProgram (head: string): boolean {
  const name = program.exec(head)?.[1]
  return name === undefined ? shellWord.test(head) || libraryWord.test(head) : !noProgram.has(name)
}
