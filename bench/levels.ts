import { encode } from '@msgpack/msgpack'
import { loadConfig } from '../src/config/load.ts'
import { systemClock } from '../src/contracts/clock.ts'
import { createRecord } from '../src/contracts/record.ts'
import type { Acceptor } from '../src/contracts/source.ts'
import { found } from '../src/sources/forward/found.ts'
import { readerOf } from '../test/support/error-reading.ts'
import { readArguments } from './arguments.ts'
import { createDecoder } from './decoder.ts'
import { acceptorOf } from './way.ts'

readArguments(`CPU that \`error.minLevel\` adds to a line of standard error, by the form of the
line. A line goes its whole way from the bytes of a socket into memory where the
spool would be; rounds with and without a least level, and with all fields read
to learn it, take turns.

  npm run bench -- levels
`, {})

const rounds = 25
const linesPerRound = 20_000
const linesPerPiece = 200

const apache = '[Mon Nov 23 10:00:07.123456 2026] [php:warn] [pid 17:tid 140] [client 10.0.1.2:51234] '
const place = 'in /var/www/html/src/Payment/Gateway.php on line 12'
const warning = `PHP Warning:  Undefined array key "token" seq=1234 ${place}`
const said = '[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: '
const fcgi = '[Mon Nov 23 10:00:07.123456 2026] [proxy_fcgi:error] [pid 17:tid 140] [client 10.0.1.2:51234] AH01071: '
const forms: Readonly<Record<string, string>> = {
  'Apache, error of PHP': `${apache}${warning}, referer: https://shop.example.jp/`,
  'Apache, its own message': `${apache.replace('php:warn', 'authz_core:error')}AH01630: client denied by server configuration: /var/www/html/private`,
  'Apache, a text of PHP': `${apache.replace('warn', 'notice')}[payment] order 1234 of customer 99 was refused by the bank, trying again`,
  'Apache, php-fpm (AH01071)': `${fcgi}Got error 'PHP message: ${warning}; PHP message: ${warning}', referer: https://shop.example.jp/`,
  'php-fpm, error of PHP': `${said}"NOTICE: PHP message: ${warning}"`,
  'php-fpm, what a child wrote': `${said}"order 1234 of customer 99 was refused by the bank, trying again"`,
  'php-fpm, its own message': '[23-Nov-2026 19:38:36] WARNING: [pool www] child 9 exited on signal 11 (SIGSEGV) after 5.6 seconds from start',
  PHP: warning,
  'PHP, a log of its own': `[24-Nov-2026 04:37:30 Asia/Tokyo] ${warning}`,
  Monolog: '[2026-11-23T10:00:00.123456+00:00] app.WARNING: order 1234 of customer 99 was refused {"order":1234} []',
  'any text': 'order 1234 of customer 99 was refused by the bank, trying again in 30 seconds',
  'JSON (from its fields)': '{"message":"order 1234 was refused","level":300,"level_name":"WARNING","channel":"app","context":{"order":1234}}',
}

function withLevel (minLevel: string): Acceptor {
  return acceptorOf(loadConfig({ env: { SLUICE_ERROR_MIN_LEVEL: minLevel }, readFile: () => '' }).config)
}

const { assembler, reader } = createDecoder(loadConfig({ env: {}, readFile: () => '' }).config.forward, systemClock)
const record = createRecord()
const readFields = readerOf('fields')
let checksum = 0

function take (piece: Buffer, acceptor: Acceptor, readsFields: boolean): void {
  assembler.feed(piece)
  while (assembler.next()) {
    reader.begin(assembler.bytes, assembler.start)
    while (reader.next(record) !== found.end) {
      if (readsFields) checksum += readFields(record.bytes, record.start, record.end).message.length
      checksum += acceptor.accept(record) ? 1 : 0
    }
  }
}

const plain = withLevel('debug')
const byLevel = withLevel('info')
const kinds = {
  way: (piece: Buffer) => take(piece, plain, false),
  byLevel: (piece: Buffer) => take(piece, byLevel, false),
  byFields: (piece: Buffer) => take(piece, plain, true),
}

function nsPerLine (work: (piece: Buffer) => void, piece: Buffer): number {
  const before = process.cpuUsage()
  for (let count = 0; count < linesPerRound; count += linesPerPiece) work(piece)
  const { user, system } = process.cpuUsage(before)
  return (user + system) * 1000 / linesPerRound
}

for (const [name, text] of Object.entries(forms)) {
  const frame = encode(['app-firelens', 1_795_000_000, { container_name: '/web', source: 'stderr', log: text }, {}])
  const piece = Buffer.concat(Array.from({ length: linesPerPiece }, () => frame))
  const timed = Object.fromEntries(Object.keys(kinds).map(kind => [kind, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const [kind, work] of Object.entries(kinds)) timed[kind]?.push(nsPerLine(work, piece))
  }
  const median = (kind: keyof typeof kinds) => timed[kind]?.toSorted((a, b) => a - b)[rounds >> 1] ?? 0
  const ratio = (kind: keyof typeof kinds) => (median(kind) / median('way')).toFixed(2)
  process.stdout.write(`${name.padEnd(28)} ${String(text.length).padStart(4)} B  ${median('way').toFixed(0).padStart(5)} ns a line, ` +
    `with minLevel × ${ratio('byLevel')}, were all its fields read × ${ratio('byFields')}\n`)
}
process.stdout.write(`(${checksum % 10})\n`)
