import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliveredLines } from '../../support/delivered.ts'
import { forwardFrames } from '../../support/forward-frames.ts'
import { startSluice, type SluiceProcess } from '../../support/sluice-process.ts'
import { until } from '../../support/until.ts'
import { freePort, runPhase, say } from './phase.ts'
import { installServers } from './programs.ts'
import type { Undo } from './undo.ts'

/**
 * What docs/apache.md says of prefork, KeepAliveTimeout and health checks, on a real Apache; and that Sluice, which
 * gets its lines meanwhile, names it.
 */
const workerCount = 4
/** As long as a load balancer's check may wait for its answer, unless set. */
const checkMs = 5_000

interface Apache {
  readonly port: number
  readonly directory: string
  errorLog (): string
  stop (): Promise<void>
}

function configuration (directory: string, port: number, keepAliveSeconds: number): string {
  const modules = ['mpm_prefork', 'authz_core'].map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  return [
    `ServerRoot ${directory}`, `PidFile ${directory}/httpd.pid`, `Listen 127.0.0.1:${port}`, ...modules, 'User www-data',
    'Group www-data', 'ServerName localhost', `DocumentRoot ${directory}`,
    'LogFormat "{\\"remote_ip\\":\\"%a\\",\\"method\\":\\"%m\\",\\"path\\":\\"%U\\",\\"query\\":\\"%q\\",' +
      '\\"status\\":%>s,\\"duration_us\\":%D,\\"user_agent\\":\\"%{User-Agent}i\\"}" json', `CustomLog ${directory}/access.log json`,
    `ErrorLog ${directory}/error.log`, 'StartServers 2', 'MinSpareServers 1',
    `MaxRequestWorkers ${workerCount}`, 'KeepAlive On', `KeepAliveTimeout ${keepAliveSeconds}`, '',
  ].join('\n')
}

async function startApache (directory: string, keepAliveSeconds: number, undo: Undo): Promise<Apache> {
  mkdirSync(directory)
  writeFileSync(join(directory, 'health'), 'ok')
  const port = await freePort()
  const file = join(directory, 'httpd.conf')
  writeFileSync(file, configuration(directory, port, keepAliveSeconds))
  // In a group of its own, all of which prefork signals.
  const child = spawn('apache2', ['-D', 'FOREGROUND', '-f', file], { stdio: 'ignore', detached: true })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  undo.add('Apache', stop)
  const errorLog = () => readFileSync(join(directory, 'error.log'), 'utf8')
  await until('Apache answers', async () => {
    const answer = await ask(port, 'close', 500)
    answer?.destroy()
    return answer !== undefined
  }, answered => answered)
  return { port, directory, errorLog, stop }
}

/** A connection that has been answered; undefined when no answer came in time. */
async function ask (port: number, connection: 'keep-alive' | 'close', patienceMs: number): Promise<Socket | undefined> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  const agent = connection === 'close' ? 'ELB-HealthChecker/2.0' : 'Mozilla/5.0'
  socket.write(`GET /health HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${agent}\r\nConnection: ${connection}\r\n\r\n`)
  const timeout = AbortSignal.timeout(patienceMs)
  try {
    await once(socket, 'data', { signal: timeout })
    return socket
  } catch {
    // No answer in time, or refused: for the caller to judge.
    socket.destroy()
    return undefined
  }
}

/** So many clients as there are workers, which have their answer and stay. */
async function hold (port: number, undo: Undo): Promise<readonly Socket[]> {
  const clients: Socket[] = []
  undo.add('clients', () => { for (const client of clients) client.destroy() })
  for (let count = 0; count < workerCount; count++) {
    // Prefork starts its children one after the other.
    const client = await until('a worker is free', () => ask(port, 'keep-alive', 2_000), found => found !== undefined)
    if (client !== undefined) clients.push(client.resume())
  }
  return clients
}

/** Whether a health check is answered while all workers are held. */
async function isAnswered (port: number): Promise<boolean> {
  const answer = await ask(port, 'close', checkMs)
  answer?.destroy()
  return answer !== undefined
}

/** Hands what Apache writes to Sluice, as the log driver of its container would. */
async function follow ({ directory }: Apache, { socketPath }: SluiceProcess, undo: Undo): Promise<void> {
  const socket = connect(socketPath)
  await once(socket, 'connect')
  const taken = { stdout: 0, stderr: 0 }
  const take = (source: 'stdout' | 'stderr', file: string) => {
    const text = readFileSync(join(directory, file), 'utf8')
    const lines = text.slice(taken[source], text.lastIndexOf('\n') + 1).split('\n').filter(line => line !== '')
    taken[source] = text.lastIndexOf('\n') + 1
    const records = lines.map(log => ({ timeMs: Date.now(), fields: { container_name: '/web', source, log } }))
    if (records.length > 0) socket.write(forwardFrames('forward', 'web', records).bytes)
  }
  const timer = setInterval(() => {
    take('stdout', 'access.log')
    take('stderr', 'error.log')
  }, 100)
  undo.add('the driver', () => {
    clearInterval(timer)
    socket.destroy()
  })
}

async function run (undo: Undo): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-keepalive-'))
  undo.add(directory, () => { rmSync(directory, { recursive: true, force: true }) })
  chmodSync(directory, 0o755)
  await installServers(say)
  const wrong: string[] = []
  const must = (what: string, found: unknown, wanted: unknown) => {
    say(`${what}: ${String(found)}`)
    if (found !== wanted) wrong.push(`${what}: expected ${String(wanted)}, found ${String(found)}`)
  }

  const long = await startApache(join(directory, 'long'), 60, undo)
  const live = startSluice(undo, { env: { SLUICE_SIGNALS_MAX_WORKERS: String(workerCount) } })
  await live.printed(/"started"/)
  await follow(long, live, undo)
  const [first] = await hold(long.port, undo)
  await until('Apache says that all workers are busy', long.errorLog, text => text.includes('AH00161'))
  const saidMs = performance.now()
  await live.printed(/"signal":"workers_exhausted","container":"web"/)
  await live.printed(/"signal":"keep_alive_too_long","container":"web"/)
  const tookMs = performance.now() - saidMs
  say(`Sluice says keep_alive_too_long after ${(tookMs / 1_000).toFixed(1)} s`)
  must('KeepAliveTimeout 60: Sluice says within 10 s what it is', tookMs < 10_000, true)
  must('KeepAliveTimeout 60: the health check is answered', await isAnswered(long.port), false)
  first?.destroy()
  must('KeepAliveTimeout 60, one client has gone: it is answered', await isAnswered(long.port), true)
  await until('health checks are answered again', async () => {
    await isAnswered(long.port)
    return live.output()
  }, output => /"signal":"workers_exhausted"[^\n]*no more/.test(output))
  live.kill('SIGTERM')
  must('Sluice ends with', await live.exited, 0)
  must('its ledger balances', live.report().balanced, true)
  must('health checks are left out', (live.report().by['filtered']?.['health-check'] ?? 0) >= 2, true)
  await long.stop()
  const short = await startApache(join(directory, 'short'), 2, undo)
  await hold(short.port, undo)
  must('KeepAliveTimeout 2: the health check is answered', await isAnswered(short.port), true)
  await short.stop()

  const sluice = startSluice(undo, { args: ['--stdin', '--source', 'stderr'], env: { SLUICE_ERROR_FORMAT: 'json' } })
  sluice.stdin.end(long.errorLog())
  must('Sluice ends with', await sluice.exited, 0)
  const errors = deliveredLines(sluice.dataDir).error.filter(line => line.includes('AH00161'))
  must('records of AH00161', errors.length, 1)
  const { m } = JSON.parse(errors[0] ?? '{"m":"{}"}') as { readonly m: string }
  must('its level', (JSON.parse(m) as { readonly level?: string }).level, 'error')
  return wrong
}

await runPhase('idle clients hold the workers, and the log says so', run)
