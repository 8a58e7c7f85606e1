// A load that looks like people: node load.mjs http://web
//
// LOAD_REQUESTS=n: n requests without pauses, the pages in turn, then the counts as one JSON line, and the end; unset:
// sessions with pauses, without end. It sends no more than it waits for: one request at a time a session.
const base = process.argv[2] ?? 'http://127.0.0.1:8080'
const total = Number(process.env.LOAD_REQUESTS || Infinity)
const isEndless = !Number.isFinite(total)
const sessions = 4

const pages = [
  ['/', 20], ['/index.php?q=%E8%B2%A1%E5%B8%83&page=2', 8], ['/status.php?code=404', 3], ['/slow.php', 1],
  ['/warn.php', 2], ['/throw.php', 1], ['/error-log.php', 1], ['/stdout.php', 1], ['/status.php?code=503', 1],
]
const agents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0',
  'ショップアプリ/3.2 (Android 16)',
]
const counts = {}

function pick (weighted) {
  let rest = Math.random() * weighted.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [item, weight] of weighted) if ((rest -= weight) < 0) return item
  return weighted[0][0]
}

async function ask (path, agent) {
  try {
    const response = await fetch(`${base}${path}`, {
      // A header is bytes; what a phone sends of its name is UTF-8.
      headers: { 'user-agent': Buffer.from(agent).toString('latin1'), 'x-amzn-trace-id': `Root=1-${crypto.randomUUID()}` },
      signal: AbortSignal.timeout(10_000),
    })
    await response.arrayBuffer()
    counts[response.status] = (counts[response.status] ?? 0) + 1
  } catch {
    // The server is not there, or has crashed on it: what this load is for.
    counts.none = (counts.none ?? 0) + 1
  }
}

const pause = ms => isEndless ? new Promise(resolve => setTimeout(resolve, ms)) : undefined
let sent = 0

async function session () {
  while (sent < total) {
    const agent = agents[Math.floor(Math.random() * agents.length)]
    for (let clicks = 1 + Math.random() * 8; clicks > 0 && sent < total; clicks--) {
      sent++
      await ask(isEndless ? pick(pages) : pages[sent % pages.length][0], agent)
      await pause(300 + Math.random() * 3000)
    }
    await pause(Math.random() * 5000)
  }
}

async function balancer () {
  if (!isEndless) return
  for (;;) {
    await ask('/health.php', 'ELB-HealthChecker/2.0')
    await pause(5000)
  }
}

process.once('SIGTERM', () => process.exit(0))
await Promise.all([balancer(), ...Array.from({ length: sessions }, session)])
process.stdout.write(`${JSON.stringify({ sent, counts })}\n`)
