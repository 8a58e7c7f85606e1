const agents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
]
const paths = ['/cart/add', '/payment/confirm', '/api/v2/orders/status', '/shop/%E5%95%86%E5%93%81/list', '/login']

function hex (number: number): string {
  return (Math.imul(number ^ (number >>> 15) ^ 0x9e3779b9, 0x85ebca6b) >>> 0).toString(16).padStart(8, '0')
}

/** An ordinary line of a shop: an access line, and one in twenty an error. Each number has a line of its own. */
export function workloadLine (number: number): string {
  const second = String(number % 60).padStart(2, '0')
  const sequence = String(number).padStart(10, '0')
  const client = `10.0.${number % 4}.${number % 250}`
  if (number % 20 === 7) {
    return `[Mon Nov 23 10:${second}:07.${sequence.slice(-6)} 2026] [php:warn] [pid ${17 + number % 8}:tid ${140 + number % 8}] ` +
      `[client ${client}:51234] PHP Warning:  Undefined array key "token" seq=${sequence} in ` +
      `/var/www/html/src/Payment/Gateway.php on line ${number % 900}, referer: https://shop.example.jp/cart`
  }
  return `{"time":"2026-11-23T10:${second}:07+0900","remote_ip":"${client}","host":"shop.example.jp","method":"GET",` +
    `"path":"${paths[number % paths.length] ?? ''}","query":"?id=${number % 9973}","protocol":"HTTP/1.1",` +
    `"status":${number % 97 === 0 ? 404 : 200},"bytes":${number % 60000},"duration_us":${number * 37 % 900000},` +
    `"referer":"https://shop.example.jp/cart","user_agent":"${agents[number % agents.length] ?? ''}",` +
    `"trace":"Root=1-${hex(number)}-${hex(number + 7)}${hex(number + 13)}${hex(number + 29)}","seq":"${sequence}"}`
}
