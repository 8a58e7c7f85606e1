import fc from 'fast-check'
import t from 'tap'
import { createAppErrors } from '../../src/classify/app-errors.ts'
import { createLineEdges } from '../../src/repair/line-edges.ts'
import { JsonProgress } from '../../src/bytes/json-progress.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { createJsonWalker } from '../../src/bytes/json-walker.ts'
import { LineRewriter } from '../../src/bytes/line-rewriter.ts'
import { brokenKeyBits } from '../../src/classify/broken-keys.ts'
import { createErrorShape, createLineShape } from '../../src/classify/line-shape.ts'
import { isAccessLookalike } from '../../src/classify/looks-like-access.ts'
import { createRecord, stream, type LogRecord } from '../../src/contracts/record.ts'
import { createAccessEncoder } from '../../src/encode/access-encoder.ts'
import type { Encoder } from '../../src/encode/encoder.ts'
import { createErrorEncoder } from '../../src/encode/error-encoder.ts'
import { createEventEncoder } from '../../src/encode/event-encoder.ts'
import { createInvalidEncoder } from '../../src/encode/invalid-encoder.ts'
import { fitsMessage, splitMessage } from '../../src/encode/message-parts.ts'
import { createObjectEncoder } from '../../src/encode/object-encoder.ts'
import { createFpmDuplicates } from '../../src/filter/fpm-duplicates.ts'
import { createPatternFilter } from '../../src/filter/patterns.ts'
import { createPlainAccess } from '../../src/formats/apache-access.ts'
import { readApacheHead, undoEscapes } from '../../src/formats/apache-error.ts'
import { repairString } from '../../src/formats/apache-string.ts'
import { createLineTime } from '../../src/formats/line-time.ts'
import { readTraceLine } from '../../src/formats/error-lines.ts'
import { TraceLine } from '../../src/formats/trace-line.ts'
import { createErrorText } from '../../src/formats/line-text.ts'
import { parseLog, readApacheJson } from '../../src/formats/json-log.ts'
import { readMessage } from '../../src/formats/message.ts'
import { Scratch } from '../../src/bytes/scratch.ts'
import { createJsonRepairer } from '../../src/repair/json-repair.ts'
import { accessKeys } from '../support/access-lines.ts'
import { encode, toJson } from '../sources/support.ts'
import { createAccessVerdict } from '../support/verdicts.ts'
import { createErrorReading } from '../../src/formats/error-reading.ts'
import { readerOf } from '../support/error-reading.ts'

/** What a line may be made of that a reader counts, nests, looks ahead from or begins anew at. */
const tokens = ['"', '[', ']', '{', '}', '{"a":', '{"a":[', '{"message":"', '"message":"', '\\', '\\x', '\\xe3', '\\"', '\\\\"', '\\n', '(1)',
  '(1)a: ', '[a] ', '[a', '[client ', '[pid 1] ', '[core:error] ', 'PHP message: ', '; PHP message: ', '\nNext A: ', '{main}\nNext ', ' in /x:1',
  ' on line 1', ', referer: ', '\nStack trace:\n#0 ', '\n  thrown in ', '[object] (A(code: 0', '", pipe is closed', ' ', '  ', '\t', '\n', '\0', '\xff',
  '<b>', '<br />', '&lt;', ' (line 1 of /a', ')', ' from ::1', '] [', ', ', '\nPHP Stack trace:', '\n[a] PHP Stack trace:', '" at /a line ', '\nin /a on line ', ' /a 1', '|',
  '\n  [A]', ' [GET, ', '\r', '\x1b[1m', '},', '"level":"', '"level":500', ' on [/a(1', '\na b', ' --> ',
  '#0 ', '": "', '":"', '","', "'", ',', ':', '-', '.', '/', '1', 'a', 'A', 'AH00001: ', ' - ', ' [', '1 ', '"a":1,', '""', 'a.c(1): ', '.ERROR: ']

/** Beginnings that lead into a format. */
const said = '[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: "'
const apache = '[Mon Nov 23 19:41:56.478262 2026] [php:error] [pid 1:tid 1] [client 127.0.0.1:57386] '
const prefixes = ['<br />\n<b>Warning</b>:  ', 'In Foo.php line 3:\n', '  [App\\E]\n', '2026/11/23 10:00:00 [/a] ', '2026/11/23 10:00:00 [/a] Warning(E_WARNING): ',
  '[2026-11-23 10:00:00] front.INFO [a] [b] [c] - ', 'WATCHDOG: [error] [php] Error: ', 'https://a|1795462915|php|', '2026-11-23 10:00:00 error: [Cake\\E] ',
  'CRITICAL - 2026-11-23 10:00:00 --> E: ', 'ERROR - 2026-11-23 10:00:00 --> Severity: x --> ', 'Uncaught PHP Exception E: "', '10:00:01 CRITICAL  [console] ', '{"function":"[core:warn]","a":"',
  '[2026-11-23 10:00:00] main.ERROR: A\\E: ', '', apache, `${apache}PHP Fatal error:  Uncaught E: `, `${apache}AH01071: Got error '`, `${apache}{"`,
  'Mon Nov 23 23:38:32.2 2026 error ', '2026-11-23 10:00:00 ', '[2026-11-23 19:41:05.714148+0900] ', said, `${said}NOTICE: PHP message: PHP Warning:  `,
  'NOTICE: PHP message: ', '[24-Nov-2026 04:37:30 UTC] ', 'PHP Fatal error:  Uncaught E: ', '[2026-11-23 10:00:00] a.ERROR: x {"exception":"[object] (',
  '{"level":"error","message":"', '{"status":200,"path":"', '{"status":', '10.0.0.1 - - [23/Nov/2026:19:41:55 +0000] "GET / HTTP/1.1" 200 1 ',
  '10.0.0.1 - ', '- -  23/Nov/2026:19:38:39 +0000 "']

interface Reader {
  readonly name: string
  read (record: LogRecord): unknown
}

function ofText (name: string, read: (text: string) => unknown): Reader {
  return { name, read: ({ bytes, start, end }) => read(bytes.toString('latin1', start, end)) }
}

function ofBytes (name: string, read: (bytes: Buffer, start: number, end: number) => unknown): Reader {
  return { name, read: ({ bytes, start, end }) => read(bytes, start, end) }
}

/** What looks for something in a line. */
function createReaders (): readonly Reader[] {
  const line = new TraceLine()
  const errorText = createErrorText()
  const readReport = readerOf('report')
  const isDuplicate = createFpmDuplicates({ maxAgeMs: 5000, maxCount: 1000, clock: { monotonicMs: () => 0 } })
  const keys = createKeyTable([accessKeys.statusKeys, accessKeys.requestKeys])
  const repairer = createJsonRepairer()
  const appErrors = createAppErrors('error')
  const edges = createLineEdges()
  const progress = new JsonProgress()
  return [
    ofBytes('trace lines', (bytes, start, end) => readTraceLine(bytes, start, end, line)),
    ofBytes('error text', (bytes, start, end) => errorText.read(bytes, start, end)),
    ofBytes('error fields', readerOf('fields')),
    ofBytes('line level', readerOf('level')),
    ofText('Apache head', readApacheHead),
    ofBytes('line time', createLineTime()),
    ofText('Apache JSON', text => {
      const object = parseLog(text)
      return object !== undefined && readApacheJson(object)
    }),
    ofText('message', readMessage),
    ofBytes('php-fpm reports', (bytes, start, end) => {
      const report = readReport(bytes, start, end)
      return report !== undefined && isDuplicate(report.by, report.messages)
    }),
    ...(['auto', 'common', 'combined', 'vhost_combined', 'php_fpm'] as const).map(format => {
      const reader = createPlainAccess(format)
      return ofBytes(`plain access, ${format}`, (bytes, start, end) => reader.read(bytes, start, end))
    }),
    ofBytes('line shape', createLineShape(accessKeys).shapeOf),
    ofBytes('app errors, JSON', (bytes, start, end) => appErrors(bytes, start, end, true)),
    ofBytes('app errors, text', (bytes, start, end) => appErrors(bytes, start, end, false)),
    { name: 'line edges', read: record => edges.trim({ ...record, stream: stream.stdout }) },
    ofBytes('JSON in pieces', (bytes, start, end) => {
      progress.begin()
      return progress.read(bytes, start, end)
    }),
    ofBytes('error shape', createErrorShape(accessKeys).shapeOf),
    ofBytes('lookalike', isAccessLookalike),
    ofBytes('JSON walker', createJsonWalker({ keys })),
    ofBytes('broken keys', (bytes, start, end) => brokenKeyBits(keys, bytes, start, end)),
    ofBytes('key table', (bytes, start, end) => keys.bitsOf(bytes, start, end)),
    ofBytes('JSON repair', (bytes, start, end) => repairer.repair(bytes, start, end)),
  ]
}

/** What goes through a line the same way, whatever it begins with. */
function createWriters (): readonly Reader[] {
  const maxBytes = 262_118
  const exclude = ['"status":5\\d\\d|ELB-HealthChecker', '".*"z']
  const patterns = createPatternFilter({ everywhere: { exclude }, byContainer: {} })
  const rewriter = new LineRewriter()
  const scratch = new Scratch()
  const verdictOf = createAccessVerdict('auto')
  const reading = createErrorReading()
  const encoders: Readonly<Record<string, Encoder>> = {
    'event encoder': createEventEncoder(),
    'object encoder': createObjectEncoder({ isJsonLine: () => false }),
    'invalid encoder': createInvalidEncoder({ reasonOf: () => 'torn' }),
    'error encoder': createErrorEncoder({ reading, format: 'text', maxMessageBytes: maxBytes, enrichment: '' }),
    'access encoder': createAccessEncoder(),
  }
  return [
    ...Object.entries(encoders).map(([name, encoder]): Reader => {
      return {
        name,
        read: record => {
          reading.begin(record.bytes, record.start, record.end)
          encoder.encode(record, verdictOf(record))
        },
      }
    }),
    ofBytes('Apache string', (bytes, start, end) => {
      rewriter.begin(bytes, start)
      repairString(rewriter, bytes, start, end, true)
      rewriter.finish(end)
    }),
    ofBytes('Apache escapes', (bytes, start, end) => {
      scratch.reset()
      undoEscapes(scratch, bytes, start, end)
    }),
    { name: 'message parts', read: record => fitsMessage(record, maxBytes) || splitMessage(record, { maxBytes, emit () {} }) },
    { name: 'patterns', read: record => patterns?.(record) },
    ofText('record as JSON', log => toJson(encode({ log }), 0)),
  ]
}

const readers = createReaders()
const all = [...readers, ...createWriters()]

function recordOf (text: string): LogRecord {
  const bytes = Buffer.from(text, 'latin1')
  return { ...createRecord(), bytes, end: bytes.length, container: 'web' }
}

function cpuMs (work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Of several runs the fastest: the machine's other work only ever adds. */
function bestMs (work: () => unknown): number {
  return Math.min(...Array.from({ length: 4 }, () => cpuMs(work)))
}

/** So much CPU is in proportion on any machine: several times what the slowest needs for its slowest line. */
const plainMsPerMebibyte = 400

/** Why a reader does not take a line as it must; undefined where it does. */
function faultOf ({ name, read }: Reader, record: LogRecord, createDouble: () => LogRecord): string | undefined {
  try {
    const plainMs = 5 + plainMsPerMebibyte * record.end / 2 ** 20
    if (cpuMs(() => read(record)) <= plainMs) return undefined
    const double = createDouble()
    const [onceMs, twiceMs] = [bestMs(() => read(record)), bestMs(() => read(double))]
    if (onceMs <= plainMs || twiceMs <= onceMs * 3) return undefined
    return `${name}: ${onceMs} ms, and ${twiceMs} ms for twice as much`
  } catch (error) {
    return `${name}: ${String(error)}`
  }
}

function requireTaken (by: readonly Reader[], { prefix = '', repeated = '', sizeBytes = 0, ending = '' }): void {
  const lineOf = (bytes: number) => {
    return recordOf(prefix + repeated.repeat(Math.max(1, Math.floor(bytes / repeated.length))) + ending)
  }
  const line = lineOf(sizeBytes)
  const faults = by.map(reader => faultOf(reader, line, () => lineOf(sizeBytes * 2))).filter(each => each !== undefined)
  if (faults.length > 0) throw new Error(`${JSON.stringify({ prefix, repeated, sizeBytes, ending })}\n${faults.join('\n')}`)
}

const kibibyte = 1024

t.test('every reader takes a line of 1 MiB of one thing in time in proportion, without throwing', async t => {
  t.doesNotThrow(() => {
    for (const repeated of tokens) requireTaken(all, { repeated, sizeBytes: 1024 * kibibyte })
  })
})

t.test('so is one that begins as a format does and goes on with one thing', async t => {
  t.doesNotThrow(() => {
    for (const prefix of prefixes) {
      for (const repeated of tokens) requireTaken(readers, { prefix, repeated, sizeBytes: 64 * kibibyte })
    }
  })
})

t.test('and one that goes on with any two or three in turns, and ends with another', async t => {
  const token = fc.constantFrom(...tokens)
  const counted = fc.tuple(token, fc.integer({ min: 1, max: 40 })).map(([text, count]) => text.repeat(count))
  const line = fc.record({
    prefix: fc.constantFrom(...prefixes),
    repeated: fc.array(fc.oneof(token, counted), { minLength: 2, maxLength: 3 }).map(parts => parts.join('')),
    sizeBytes: fc.constantFrom(16, 64, 1024).map(count => count * kibibyte),
    ending: token,
  })
  t.doesNotThrow(() => fc.assert(fc.property(line, options => requireTaken(all, options)), {
    numRuns: 300, interruptAfterTimeLimit: 5000, markInterruptAsFailure: false, endOnFailure: true,
  }))
})

t.test('a record of Forward as deep as the scanner lets it be is written as JSON', async t => {
  const maxNesting = 256
  const text = encode('x"\\\n')
  const nested = (level: Buffer, behind: Buffer) => {
    const levels = Array.from({ length: maxNesting - 1 })
    return Buffer.concat([...levels.map(() => level), text, ...levels.map(() => behind)])
  }
  const levels = {
    arrays: nested(Buffer.of(0x91), Buffer.alloc(0)),
    values: nested(Buffer.concat([Buffer.of(0x81), text]), Buffer.alloc(0)),
    keys: nested(Buffer.of(0x81), text),
  }
  for (const [name, bytes] of Object.entries(levels)) {
    t.doesNotThrow(() => JSON.parse(toJson(bytes, 0)), name)
    t.ok(toJson(bytes, 0).length < 16 * kibibyte, name)
  }
})
