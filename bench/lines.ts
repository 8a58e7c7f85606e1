const agents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131',
  'Mozilla/5.0 (Linux; Android 14; SO-52D) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723.102 Mobile Safari/537',
]
const paths = ['/cart/add', '/payment/confirm', '/api/v2/orders/status', '/shop/%E5%95%86%E5%93%81/list', '/login']

/** Digits of the sequence number, which is what tells lines apart. */
export const sequenceDigits = 10

export function isError (sequence: number): boolean {
  return sequence % 20 === 7
}

/** Line number `sequence`: one in twenty an error of stderr, the others JSON access lines of about 450 bytes. */
export function lineOf (sequence: number): string {
  const seq = String(sequence).padStart(sequenceDigits, '0')
  const k = sequence % 20_000
  const second = String(k % 60).padStart(2, '0')
  if (isError(sequence)) {
    return `[Mon Nov 23 10:12:${second}.${String(k).padStart(6, '1')} 2026] [php:warn] [pid ${17 + k % 8}:tid ${140 + k % 8}] ` +
      `[client 10.0.${k % 4}.${k % 250}:51234] PHP Warning:  Undefined array key "token" seq=${seq} ` +
      `in /var/www/html/src/Payment/Gateway.php on line ${k % 900}, referer: https://shop.example.jp/cart`
  }
  return JSON.stringify({
    time: `2026-11-23T10:12:${second}+0900`,
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
    seq,
  })
}
