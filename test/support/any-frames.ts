import { type createRandom, fixtureLines, mutate } from './access-lines.ts'
import { forwardFrames, type SentRecord } from './forward-frames.ts'

type Random = ReturnType<typeof createRandom>

export const hourMs = 3_600_000
/** When most lines were written. */
export const atMs = Date.UTC(2026, 10, 23, 10, 30)

/** An access line that nothing but its number tells from others. */
export const ordinary = (index: number) => JSON.stringify({
  time: `2026-11-23T10:${10 + index % 50}:07+0900`,
  remote_ip: `10.0.1.${index % 256}`,
  method: ['GET', 'POST', 'PATCH', 'PROPFIND'][index % 4],
  path: ['/cart/add', '/shop/%E5%95%86', '/a=b:c>d'][index % 3],
  query: '?id=5',
  status: [200, 302, 404, 503][index % 4],
  bytes: index * 7,
  [['duration_us', 'duration_ms', 'time_s', 'duration'][index % 4] as string]: index % 5 === 0 ? index / 8 : index,
  user_agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
})

/** Lines as they may come where access lines do: most are ordinary, and each kind that is not stands among these. */
const odd = [
  '{"status":200,"path":"/","status":404}', '{"status":"200","request":"GET /x?token=abcdefgh HTTP/1.1"}', '{"status":200,"path":"/\\u0041"}',
  '{"status":200,"path":"/","password":"hunter2hunter2"}', '{"status":200,"path":"/","dbPassword":"hunter2"}', '{"status":200,"path":"/","u":"mysql://u:p@h"}',
  '{"status":200,"path":"/?to=https%3A%2F%2Fu%3Ap%40h"}', '{"status":200,"path":"/?a@b=c%40d"}', '{"status":200,"path":"/","m":"&quot;token&quot;:&quot;abc&quot;"}',
  '{"status":200,"path":"/?token[a][b]=abc"}', '{"status":200,"mysql://u:p@h":"/","path":""}', '{"status":200,"path":"/?card=4111111111111111"}',
  '{"status":200,"path":"/","pan":"4111 1111 1111 1111"}', '{"status":200,"path":"/","pan":"4111 1111 1111 ..."}', '{"status":200,"path":"/","a":{"b":[1,2]}}', '{"status":200, "path": "/"}',
  '{ "status" : 200 , "path" : "/" }', '{"status":200,"path":"/"} ', '{"status":200,"path":"/"},', '{"status":1e3,"path":"/"}',
  '{"status":02,"path":"/"}', '{"status":-2,"path":"/"}', '{"status":2.50,"path":"/"}', '{"status":2.,"path":"/"}', '{"status":,"path":"/"}',
  '{"status":200,"path":"/","user_agent":"ELB-HealthChecker/2.0","method":"GET"}', '{"status":200,"path":"/health","method":"GET","user_agent":"ELB-HealthChecker/2.0"}',
  '{"status":200,"path":"/日本"}', '{"status":200,"path":"/ÿÿ"}', '{"status":200,"ÿÿ":"/","path":""}', '{"status":200,"path":"/?c=%34111111111111111"}',
  '{"status":200,"path":"/?c=%EF%BC%94111111111111111"}', '{"status":200,"path":"/?token%3Dabcdefgh&a=b"}', '{"status":200,"path":"/?c=4111%A01111%A01111%A01111"}', '{"status":200,"path":"/%34%31"}', '{"status":200,"path":"/%EF%BC%94"}', '{"status":200,"path":"/Basic dXNlcjpwYXNzd29yZA=="}', '{"status":200,"path":"/","k":"-----BEGIN PRIVATE KEY-----MIIE"}',
  '{"status":200,"path":"/","t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"}', '{"status":200,"path":"/","q":"insert into t (a, password) values  (1, abc)"}',
  '{"status":200,"path":"/","q":"insert into t (a, password) Value  (1, abc)"}', '{"status":200,"path":"/","q":"true (1) ue(e ("}',
  '{"status":200,"path":"/","q":"insert into t (a) values (1) s (s) us("}', '{"status":true,"path":null}', '{"status":nul,"path":"/"}',
  '{"status":"failed","method":"card","level":"error"}', '{"level":"error","status":500,"path":"/"}',
  '{"status":200}', '{"path":"/"}', '{}', '{"":1,"status":200,"path":"/"}', '', ' ', 'no json', '[1]', '{"status":200,"path":"/"',
  '{"status":200,"path":"/","bytes":123456789012345678901}', '{"status":200,"path":"/","bytes":"1.5","duration_ms":"0.1"}', '{"status":200,"path":"/","bytes":"7.","duration_ms":".7"}', '{"a":1,"status":200,"path":"/"}',
  '{"status":200,"path":"/","duration_us":1.}', '{"status":200,"method":"GETX","path":"/"}', '{"status":200,"request":"GET"}', '{"status":600,"method":"","path":"/"}',
  '{"status":200,"path":"/\t"}', '{"status":200,"path":"/\x7f"}', '{"status":200,"path":"/","x":tru}', '{"status":200,"path":"/","x":falsey}', '{"status":200,"path":"/","x":-}',
  `{"status":200,"path":"/","x":"${'long '.repeat(600)}"}`, `{${Array.from({ length: 60 }, (_, key) => `"k${key}":${key}`).join(',')},"status":200,"path":"/"}`,
  `{"status":200,"path":"/","${'k'.repeat(70)}":"v"}`, '[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: x in /a.php:2', 'production.ERROR: x {"exception":"[object] (E(code: 0): b at /x.php:3)',
]
/** Bytes that a string cannot have, and characters of four bytes, in the place of this mark. */
const mark = Buffer.from('ÿÿ')
const rawBytes = ['ff414141', 'efbc9480', '41804141', 'f09f9880', 'e3818222', '001f207f'].map(hex => Buffer.from(hex, 'hex'))
const genuine = fixtureLines('stdout.log').slice(0, 40).map(line => line.toString('latin1'))

const cards = ['4111111111111111', '4111 1111 1111 1111', '378282246310005', '4222222222222', '=4222222222222=', '4111-1111-1111-...']

/** Digits and what stands between them, of which some are card numbers, at any place of a line. */
function withNumbers (random: Random, line: string): string {
  const pieces = ['0', '1', '23', '456', '20261123', ' ', '-', '+', '.', ',', '/', '=', 'x', ...cards]
  const text = Array.from({ length: 1 + random(16) }, () => pieces[random(pieces.length)]).join('')
  const place = random(3)
  if (place === 0) return `${line.slice(0, -1)},"${'n'.repeat(1 + random(60))}":"${text}"}`
  if (place === 1) return line.replace('?id=5', `?id=${text}`)
  return line.replace('"bytes":', `"bytes":${'1234567890'.repeat(3).slice(0, random(24))}`)
}

function anyLine (random: Random, index: number): string {
  const kind = random(20)
  if (kind > 17) return withNumbers(random, ordinary(index))
  if (kind === 0) return odd[random(odd.length)] as string
  if (kind === 1) return mutate(Buffer.from(ordinary(index)), random).toString('latin1').replaceAll('\n', ' ')
  if (kind < 5) return genuine[random(genuine.length)] as string
  return ordinary(index)
}

function anyRecord (random: Random, index: number): SentRecord {
  const kind = random(40)
  const fields: Record<string, string> = { container_id: 'a'.repeat(64), container_name: '/web', source: 'stdout', log: anyLine(random, index) }
  if (kind === 0) fields['source'] = 'stderr'
  if (kind === 1) delete fields['source']
  if (kind === 2) fields['container_name'] = '/api'
  if (kind === 3) delete fields['container_name']
  if (kind === 4) Object.assign(fields, { partial_message: 'true', partial_id: 'b', partial_ordinal: '1', partial_last: 'false' })
  if (kind === 5) delete fields['log']
  if (kind === 7) fields['container_name'] = '/4111111111111111'
  if (kind === 6) Object.assign(fields, { ecs_cluster: 'shop' })
  const keys = Object.keys(fields)
  const from = random(keys.length)
  const turned = [...keys.slice(from), ...keys.slice(0, from)].map(key => [key, fields[key]] as const)
  const given = Object.fromEntries(turned) as Record<string, string>
  // Now and then of the hour before or behind.
  const besideMs = random(30) === 0 ? (random(2) - 0.5) * 1.2 * hourMs : random(1000)
  return { timeMs: atMs + besideMs, fields: given }
}

/** Tag and name of a sender, of which any two differ in one of them, and somewhere in it. */
function senderOf (index: number): { readonly tag: string, readonly name: string } {
  if (index % 7 === 3) return { tag: 'plain', name: `/shop_${index}_1` }
  if (index % 7 === 5) return { tag: `${'t'.repeat(index * 5)}-firelens-1`, name: '/web' }
  if (index % 7 === 6) return { tag: `${index}`, name: `/${'n'.repeat(index * 3)}` }
  return { tag: `service-web-${index}-firelens-1234567890`, name: index % 7 === 4 ? '' : `/ecs-web-${index}` }
}

/** Frames of many senders, in turns or as it comes: each of one line, or packed. */
function anyFramesOfMany (random: Random, senderCount: number, count: number): Buffer {
  const isInTurns = random(2) === 0
  const firsts = random(senderCount)
  return Buffer.concat(Array.from({ length: count }, (_, index) => {
    const { tag, name } = senderOf(isInTurns ? (firsts + index) % senderCount : random(senderCount))
    const records = Array.from({ length: random(30) === 0 ? 1 + random(40) : 1 }, (_, line): SentRecord => {
      const { timeMs, fields } = anyRecord(random, index + line)
      const named = 'container_name' in fields && name !== '' ? { ...fields, container_name: name } : fields
      return { timeMs, fields: named }
    })
    const carrier = records.length === 1 ? 'message' : 'packed'
    return forwardFrames(carrier, tag, records, carrier === 'packed' && random(2) === 0 ? 'chunk' : undefined).bytes
  }))
}

/** What a connection sends, in pieces: frames of every kind, some of them broken. */
export function anyPieces (random: Random, senderCount: number): Buffer[] {
  const bytes = senderCount === 1
    ? anyFrames(random)
    : anyFramesOfMany(random, senderCount, senderCount + 200 + random(400))
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = random(3) === 0 ? 1 + random(2_000) : 65_536
    pieces.push(bytes.subarray(at, at += length))
  }
  return pieces
}

function anyFrames (random: Random): Buffer {
  const frames: Buffer[] = []
  let count = 0
  for (let left = 3 + random(12); left > 0; left--) {
    const tag = random(6) === 0 ? 'api-firelens-2' : random(6) === 0 ? 'plain' : 'web-firelens-1'
    const carrier = (['message', 'message', 'packed', 'forward', 'gzip'] as const)[random(5)] ?? 'message'
    const records = Array.from({ length: 1 + random(random(4) === 0 ? 300 : 20) }, () => anyRecord(random, count++))
    const { bytes } = forwardFrames(carrier, tag, records, random(5) === 0 ? 'chunk' : undefined)
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at)) {
      rawBytes[random(rawBytes.length)]?.copy(bytes, at)
    }
    frames.push(random(25) === 0 ? mutate(bytes, random) : bytes)
  }
  return Buffer.concat(frames)
}
