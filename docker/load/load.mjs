// A load that looks like people: LOAD_PEOPLE visitors at a time, each with pages, pauses and an end, and a load
// balancer's checks. Not a benchmark: at most a few requests a second, whatever the server does.
import { setTimeout as delay } from 'node:timers/promises'

const url = process.env.LOAD_URL ?? 'http://127.0.0.1:8080'
const people = Math.min(50, Number(process.env.LOAD_PEOPLE ?? 4))
const isOver = AbortSignal.timeout(Number(process.env.LOAD_SECONDS ?? 1e6) * 1000)
const agents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36 お買い物アプリ/3.2',
]
// Weighted by how often they stand here; crash.php is left to whoever wants to see it.
const pages = [
  ...Array(12).fill('/'), ...Array(4).fill(`/?q=${encodeURIComponent('東京 ラーメン')}`), ...Array(2).fill('/slow.php?ms=700'),
  '/status.php?code=404', '/stdout.php', '/warn.php', '/error-log.php?kind=utf8', '/throw.php', '/fatal.php',
]
const counts = {}

async function get (path, agent) {
  // Node's fetch takes Latin-1 in headers: this is UTF-8, as a browser sends it.
  const headers = { 'User-Agent': Buffer.from(agent).toString('latin1') }
  let outcome
  try {
    const response = await fetch(url + path, { headers, redirect: 'manual', signal: AbortSignal.timeout(15_000) })
    await response.arrayBuffer()
    outcome = response.status
  } catch (error) {
    outcome = error.cause?.code ?? error.name
  }
  counts[outcome] = (counts[outcome] ?? 0) + 1
}

const pick = list => list[Math.floor(Math.random() * list.length)]
const pause = async (fromMs, toMs) => { await delay(fromMs + Math.random() * (toMs - fromMs), undefined, { signal: isOver }) }

async function visit () {
  for (;;) {
    const agent = pick(agents)
    for (let left = 1 + Math.floor(Math.random() * 8); left > 0; left--) {
      await get(pick(pages), agent)
      await pause(400, 5_000)
    }
    await pause(2_000, 10_000)
  }
}

async function check () {
  for (;;) {
    await get('/health.php', 'ELB-HealthChecker/2.0')
    await pause(5_000, 5_000)
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0))
const report = setInterval(() => { console.log(JSON.stringify(counts)) }, 10_000)
await Promise.all([check(), ...Array.from({ length: people }, visit)]).catch(error => {
  if (error.name !== 'AbortError') throw error
})
clearInterval(report)
console.log(JSON.stringify(counts))
