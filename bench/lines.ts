const agents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131',
  'Mozilla/5.0 (Linux; Android 14; SO-52D) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723.102 Mobile Safari/537',
]
const paths = ['/cart/add', '/payment/confirm', '/api/v2/orders/status', '/shop/%E5%95%86%E5%93%81/list', '/login']

/** Digits of the sequence number, which is what tells lines apart. */
export const sequenceDigits = 10

/** Lines by their numbers, so that whoever has one delivered can say what it must be. */
export interface Workload {
  /** Of standard error. */
  isError (sequence: number): boolean
  lineOf (sequence: number): string
}

export function isError (sequence: number): boolean {
  return sequence % 20 === 7
}

/** Line number `sequence` of `mixed`: one in twenty an error of stderr, the others access lines of about 450 bytes. */
export function lineOf (sequence: number): string {
  const seq = String(sequence).padStart(sequenceDigits, '0')
  const k = sequence % 20_000
  const second = String(k % 60).padStart(2, '0')
  if (isError(sequence)) {
    return `[Mon Nov 23 10:12:${second}.${String(k).padStart(6, '1')} 2026] [php:warn] [pid ${17 + k % 8}:tid ${140 + k % 8}] ` +
      `[client 10.0.${k % 4}.${k % 250}:51234] PHP Warning:  Undefined array key "token" seq=${seq} ` +
      `in /var/www/html/src/Payment/Gateway.php on line ${k % 900}, referer: https://shop.example.jp/cart`
  }
  return accessLine(sequence)
}

function accessLine (sequence: number): string {
  const k = sequence % 20_000
  return JSON.stringify({
    time: `2026-11-23T10:12:${String(k % 60).padStart(2, '0')}+0900`,
    remote_ip: `10.0.${k % 4}.${k % 250}`,
    host: 'shop.example.jp',
    method: 'GET',
    path: paths[k % paths.length],
    query: `?id=${k % 9973}`,
    protocol: 'HTTP/1.1',
    status: k % 97 === 0 ? 404 : 200,
    bytes: k * 7919 % 60_000,
    duration_us: k * 37 % 900_000,
    referer: 'https://shop.example.jp/cart',
    user_agent: agents[k % agents.length],
    trace: `Root=1-${(k * 2_654_435_761 % 2 ** 32).toString(16).padStart(8, '0')}-${(k * 40_503).toString(16).padStart(24, 'a')}`,
    seq: String(sequence).padStart(sequenceDigits, '0'),
  })
}

/** The one line that has no number, as PHP writes it. */
export const unnumberedLine = 'Stack trace:'

/** Twelve lines of standard error, as PHP writes an exception that nobody caught, then thirteen access lines. */
const linesPerCycle = 25
const linesPerTrace = 12

function traceLine (sequence: number): string {
  const line = sequence % linesPerCycle
  const k = sequence % 20_000
  const seq = `seq=${String(sequence).padStart(sequenceDigits, '0')}`
  const folder = '/var/www/html/src/Payment'
  if (line === 0) {
    return `[23-Nov-2026 10:12:${String(k % 60).padStart(2, '0')} Asia/Tokyo] PHP Fatal error:  Uncaught RuntimeException: ` +
      `payment ${k} refused ${seq} in ${folder}/Gateway.php:${k % 900}`
  }
  if (line === 1) return unnumberedLine
  if (line === linesPerTrace - 1) return `  thrown in ${folder}/${seq}/Gateway.php on line ${k % 900}`
  return `#${line - 2} ${folder}/Handler${line}.php(${k % 700}): Shop\\Payment\\Handler${line}->handle('${seq}', Array)`
}

const isTrace = (sequence: number) => sequence % linesPerCycle < linesPerTrace

export const workloads: Readonly<Record<'mixed' | 'traces', Workload>> = {
  mixed: { isError, lineOf },
  traces: { isError: isTrace, lineOf: sequence => isTrace(sequence) ? traceLine(sequence) : accessLine(sequence) },
}

export function workloadOf (name: string): Workload {
  if (name !== 'mixed' && name !== 'traces') throw new RangeError(`--workload: expected mixed or traces, found '${name}'`)
  return workloads[name]
}
