import fc from 'fast-check'
import t from 'tap'
import { unfinishedBytes } from '../../src/bytes/character-cut.ts'
import { createRecord, linePart, stream, type LinePart } from '../../src/contracts/record.ts'
import { cardNumbers, encodings } from '../support/cards.ts'
import { ruledWorld } from '../support/ruled-world.ts'

const secret = 'Zq7hunter'

/** Lines that each stage has to look into; `card` and `key` with its value are somewhere in each. */
const kinds: ReadonlyArray<(card: string, query: string) => string> = [
  (card, query) => `{"status":200,"method":"GET","path":"/a","query":"?${query}&c=${card}"}`,
  (card, query) => `{"status":200,"path":"/","ref":"${card}","user_password":"${query.split('=')[1]}","trace":"t-1"}`,
  (card, query) => `{"status":-,"path":"/\\x41?${query}","c":"${card}"}`,
  (card, query) => `{"status":200,"path":"/?${query}&c=${card}`,
  (card, query) => `10.0.0.1 - - [23/Nov/2026:19:41:55 +0000] "GET /a?${query}&c=${card} HTTP/1.1" 200 1`,
  (card, query) => `127.0.0.1 -  23/Nov/2026:19:38:38 +0000 "GET /a.php?c=${card}&${query}" 200`,
  (card, query) => `{"message":"card ${card}","level":500,"context":{"token":["${query.split('=')[1]}"]}}`,
  (card, query) => `words ${query} and card ${card} of https://u:${secret}@h/`,
  (card, query) => `PHP Fatal error:  Uncaught E: card ${card} refused in /a.php:1\nStack trace:\n#0 pay('${card}')\n#1 x('?${query}')\n  thrown in /a.php on line 1`,
  (card, query) => `[Mon Nov 23 19:41:56.4 2026] [php:error] [pid 1:tid 1] [client 10.0.0.9:1] PHP Warning:  ${card} in /a.php on line 3, referer: https://h/?${query}`,
  (card, query) => `[Mon Nov 23 19:38:39.4 2026] [proxy_fcgi:error] [pid 1] [client ::1:5] AH01071: Got error 'PHP message: PHP Notice:  ${card} in /a.php on line 1PHP message: ${query}'`,
  (card, query) => `[23-Nov-2026 19:38:39] WARNING: [pool www] child 24504 said into stderr: "NOTICE: PHP message: ${query} ${card}"`,
  (card, query) => `[2026-11-23 10:00:05] production.ERROR: boom ${card} {"exception":"[object] (E(code: 0): ${query} at /app/a.php:3)`,
  (card, query) => `Array\n(\n    [pan] => ${card}\n    [password] => ${query.split('=')[1]}\n)`,
]

const yaml = (format: string) => `
error: {format: ${format}, copyToS3: true}
storms: {divert: true, count: 2}
routes: {mine: {to: s3}, app: {copyTo: [mine]}}
rules: [{name: r, rename: {query: trace_id, ref: trace, user_password: note, context: request_id, message: log_id}, add: {x: 1}}]
`

t.test('whatever a line is, however it is cut, and whatever is done with it: no card number and no secret comes out', async t => {
  const line = fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(...cardNumbers), fc.constantFrom(...encodings),
    fc.constantFrom('password', 'user_password', 'dbPassword', 'password%5Ba%5D%5Bb%5D', 'X-Auth-Token', 'p%61ssword'), fc.nat(6))
    .map(([write, number, encode, key, length]) => {
      // What comes before it is of any length, so that cuts are anywhere.
      return { text: write(encode(number), `${key}=${secret}`) + ' '.repeat(length), number, card: encode(number) }
    })
  const someStream = fc.constantFrom(stream.stdout, stream.stderr, stream.none)
  const record = fc.tuple(line, someStream, fc.option(fc.integer({ min: 40, max: 200 })))
  fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), fc.constantFrom('text', 'json'), (records, format) => {
    const shown: string[] = []
    const world = ruledWorld(yaml(format), { env: { SLUICE_STORMS_WINDOW: '1s' } })
    world.inbound.listen((_record, outcome, reading) => {
      if (outcome.class === 'error' && outcome.failed === undefined && outcome.route !== undefined) shown.push(JSON.stringify(reading.fields))
    })
    const acceptor = world.inbound.acceptor('parts')
    for (const [{ text }, from, mostBytes] of records) {
      const bytes = Buffer.from(text)
      const isCut = mostBytes !== null && bytes.length > mostBytes
      for (let start = 0, end = 0; end < bytes.length; start = end) {
        const isLast = !isCut || bytes.length - start <= mostBytes
        end = isLast ? bytes.length : start + mostBytes
        if (!isLast) end -= unfinishedBytes(bytes, start, end)
        const ofCut = isLast ? linePart.last : start === 0 ? linePart.first : linePart.middle
        const part: LinePart = isCut ? ofCut : linePart.whole
        acceptor.accept({ ...createRecord(), bytes: Buffer.from(bytes.subarray(start, end)), end: end - start, stream: from, container: 'web', part })
      }
    }
    world.inbound.flush()
    const all = [...world.written, ...shown, JSON.stringify(world.inbound.frequent.top(10))].join('\n')
    for (const [{ text, number, card }] of records) {
      const found = [number, card, JSON.stringify(card).slice(1, -1), 'Zq7', 'hunter'].find(each => all.includes(each))
      if (found !== undefined) throw new Error(`${found} of ${JSON.stringify(text)} in\n${all}`)
    }
    return world.ledger.snapshot().isBalanced
  }), { numRuns: 500 })
})
