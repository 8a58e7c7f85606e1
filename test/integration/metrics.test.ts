import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { encode } from '@msgpack/msgpack'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { stream } from '../../src/contracts/record.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { createPipeline, type Pipeline } from '../../src/pipeline/pipeline.ts'
import { systemProcesses } from '../../src/spool/processes.ts'
import { ledgerTable } from '../../src/telemetry/ledger-metrics.ts'
import { metricTable } from '../../src/telemetry/metrics.ts'
import { type Aws, startAws } from '../support/aws/server.ts'
import { setEnvironment } from '../support/environment.ts'
import { forwardFrames } from '../support/forward-frames.ts'
import { startMetadataEndpoint } from '../support/metadata-endpoint.ts'
import { parsePrometheusText } from '../support/prometheus-text.ts'
import { issue } from '../support/certificates.ts'
import { recordingLog } from '../support/recording-log.ts'
import { answerOf, closeOf } from '../support/sender.ts'
import { shortDirectory } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'
import { BreakingDisk } from './breaking-disk.ts'
import { FastClock } from './fast-clock.ts'

/** Everything that is counted where things happen; what the process says of itself has a test of its own. */
const names = [...Object.keys(ledgerTable), ...Object.keys(metricTable)]

/** Stands for a bug: while it is broken, a stage that asks it for the time of a record fails. */
class BreakableClock extends FastClock {
  isBroken = false

  override monotonicMs (): number {
    if (this.isBroken && /at process /.test(new Error().stack ?? '')) throw new TypeError('a bug')
    return super.monotonicMs()
  }
}

/** Lives of a pipeline, one after the other, on one directory, and which metrics were seen to move in them. */
class Lives {
  readonly disk = new BreakingDisk(() => 0)
  readonly clock = new BreakableClock(10)
  readonly socketPath: string
  readonly dataDir: string
  readonly #aws: Aws
  readonly #directory: string
  readonly #moved = new Set<string>()
  #port = 0

  readonly #metadataUri: string

  constructor (directory: string, aws: Aws, metadataUri: string) {
    this.#metadataUri = metadataUri
    this.#directory = directory
    this.#aws = aws
    this.socketPath = join(directory, 'fluent.sock')
    this.dataDir = join(directory, 'data')
    const { cert, key } = issue('sluice')
    writeFileSync(join(directory, 'cert'), cert)
    writeFileSync(join(directory, 'key'), key)
  }

  get still (): string[] { return names.filter(name => !this.#moved.has(name)) }

  async begin (t: Test, stdin?: Readable): Promise<Pipeline> {
    const { log, lines } = recordingLog()
    const { config } = loadConfig({ env: this.#env(), readFile: () => '' })
    const pipeline = await createPipeline({
      config,
      log,
      boot: randomBytes(16).toString('hex'),
      hostId: 'task1',
      facts: noFacts,
      metadataUri: this.#metadataUri,
      clock: this.clock,
      disk: this.disk,
      ...(stdin === undefined ? {} : { stdin: { input: stdin, isFile: false, stream: stream.stdout } }),
    })
    await pipeline.start()
    const [listening] = lines.filter(({ msg }) => msg === 'http listening')
    this.#port = Number(listening?.['port'])
    let isOver = false
    t.teardown(() => isOver ? undefined : pipeline.stop(AbortSignal.abort()))
    return { ...pipeline, stop: async now => { isOver = true; return await pipeline.stop(now) } }
  }

  /** Resolves when all of `expected` have moved; what has not after a while is for the end of the test to tell. */
  async moving (...expected: readonly string[]): Promise<void> {
    const left = () => expected.filter(name => !this.#moved.has(name))
    try {
      await until('they move', async () => { await this.#scrape() }, () => left().length === 0)
    } catch {
      t.comment(`still: ${left().join(' ')}`)
    }
  }

  async send (records: readonly Readonly<Record<string, string>>[], ageMs = 0): Promise<void> {
    const socket = await this.open()
    const entries = records.map(fields => ({ timeMs: Date.now() - ageMs, fields: { container_name: '/web', ...fields } }))
    const acked = answerOf(socket, closeOf(socket))
    socket.write(forwardFrames('forward', 'docker', entries, 'chunk').bytes)
    await acked
    socket.destroy()
  }

  async open (): Promise<Socket> {
    const socket = connect(this.socketPath)
    socket.on('error', () => undefined)
    await new Promise(resolve => socket.once('connect', resolve))
    return socket
  }

  async #scrape (): Promise<void> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text()
    for (const [name, { type, samples }] of parsePrometheusText(text)) {
      const counts = samples.filter(sample => type !== 'histogram' || sample.name.endsWith('_count'))
      if (counts.some(({ value }) => value !== 0)) this.#moved.add(name)
    }
  }

  #env (): Readonly<Record<string, string>> {
    return {
      SLUICE_UNIX_SOCKET: this.socketPath,
      SLUICE_TCP: '127.0.0.1:0',
      SLUICE_TCP_TLS_CERT: join(this.#directory, 'cert'),
      SLUICE_TCP_TLS_KEY: join(this.#directory, 'key'),
      SLUICE_HTTP: '127.0.0.1:0',
      SLUICE_DATA_DIR: this.dataDir,
      SLUICE_FORWARD_MAX_CONNECTIONS: '2',
      SLUICE_FORWARD_READ_PAUSE: '1s',
      SLUICE_STDIN_MAX_LINE_BYTES: '1KiB',
      SLUICE_BUCKET: 'box',
      SLUICE_CONFIG_YAML: 'rules: [{name: kept, when: {class: access}, add: {env: test}}]',
      SLUICE_LOG_GROUP: '/app',
      SLUICE_S3_REGION: this.#aws.region,
      SLUICE_CLOUDWATCH_REGION: this.#aws.region,
      SLUICE_CLOUDWATCH_ENTITY_KEY_ATTRIBUTES: 'Type=Service,Name=shop,Environment=x',
      SLUICE_OBJECTS_MAX_AGE: '1s',
      SLUICE_EVENTS_MAX_AGE: '100ms',
      SLUICE_EVENTS_MAX_MESSAGE_BYTES: '1KiB',
      SLUICE_ROUTES_APP_MAX_BYTES: '1MiB',
      SLUICE_JOIN_PARTIALS_MAX_BYTES: '16KiB',
      SLUICE_JOIN_PARTIALS_MAX_AGE: '60s',
      SLUICE_DELIVERY_BACKOFF_MIN: '10ms',
      SLUICE_DELIVERY_BACKOFF_MAX: '300ms',
      SLUICE_DELIVERY_REBUILD_AFTER: '1s',
      SLUICE_STORMS_DIVERT: 'true',
      SLUICE_STORMS_COUNT: '1',
      SLUICE_STOP_DEADLINE: '5m',
      SLUICE_STOP_QUIET: '200ms',
    }
  }
}

const piece = { source: 'stdout', partial_message: 'true', partial_id: 'a'.repeat(64), partial_ordinal: '1' }

/** What a process that has ended left, which does not say where its lines go. */
async function leaveSpool (directory: string): Promise<void> {
  const at = join(directory, 'spool/access/_')
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, `2026112310-${'e'.repeat(32)}-1.open`), 'left\n')
  const holder = { owner: 'x', beat: '1', pid: spawnSync('true').pid, place: await systemProcesses.place() }
  writeFileSync(join(directory, 'lock'), JSON.stringify(holder))
}

t.test('every metric is counted by something', async t => {
  const aws = await startAws({ buckets: ['box'], groups: ['/app'] })
  t.teardown(() => aws.close())
  setEnvironment(t, { ...aws.environment, AWS_CREDENTIAL_EXPIRATION: new Date(Date.now() + 3_600_000).toISOString() })
  const drift = { ClockDrift: { ClockErrorBound: 0.5, ClockSynchronizationStatus: 'SYNCHRONIZED' } }
  const endpoint = await startMetadataEndpoint(t, [{ body: JSON.stringify(drift) }])
  const lives = new Lives(shortDirectory(t), aws, endpoint.uri)

  await leaveSpool(join(lives.dataDir, 'gone'))
  let pipeline = await lives.begin(t)
  const access = { source: 'stdout', log: '{"status":200,"path":"/"}' }
  await lives.send([
    access,
    { source: 'stdout', log: '{"status":200,"path":"/","agent":"\\x41"}' },
    { source: 'stdout', log: '{"status":200,"path":"/' },
    { source: 'stdout', log: '{"status":200,"path":"/","bytes":5,"duration_ms":3}' },
    { source: 'stdout', log: '{"method":"GET","status":200,"path":"/health","user_agent":"ELB-HealthChecker/2.0"}' },
    { source: 'stdout', log: '' },
    { source: 'stderr', log: '[Mon Nov 23 19:41:59.213558 2026] [core:notice] [pid 1] AH00052: child pid 2 exit signal Aborted (6)' },
    { source: 'stderr', log: `long ${'x'.repeat(5_000)}` },
    ...[1, 2].map(number => ({ source: 'stderr', log: `{"level":400,"message":"took ${number} s"}` })),
    { ...piece, log: 'one', partial_last: 'false' },
    { ...piece, log: 'two', partial_ordinal: '2', partial_last: 'true' },
  ], 60_000)
  await lives.moving('sluice_records_delivered_total', 'sluice_sink_sent_bytes_total', 'sluice_credentials_expiry_seconds')

  const sockets = [await lives.open(), await lives.open(), await lives.open()]
  await lives.moving('sluice_source_open', 'sluice_connections', 'sluice_connections_displaced_total')
  const busy = setInterval(() => {
    for (const socket of sockets) socket.write(encode(['cpu', Buffer.from('opaque'), { fluent_signal: 1 }]))
  }, 10)
  await lives.moving('sluice_frames_skipped_total')
  sockets.push(await lives.open())
  await lives.moving('sluice_connections_refused_total')
  clearInterval(busy)
  sockets[1]?.write('GET / HTTP/1.1\r\n\r\n')
  await lives.moving('sluice_frames_refused_total')
  for (const socket of sockets) socket.destroy()

  const cut = { ...piece, partial_id: 'c'.repeat(64), partial_last: 'false', log: 'x'.repeat(10_000) }
  await lives.send([cut])
  await lives.moving('sluice_joins_open')
  await lives.send([{ ...cut, partial_ordinal: '2' }])
  await lives.moving('sluice_joins_cut_total')

  lives.clock.isBroken = true
  await lives.send([{ ...piece, log: 'unlucky', partial_id: 'b'.repeat(64), partial_last: 'false' }])
  lives.clock.isBroken = false
  await lives.moving('sluice_processing_errors_total')

  lives.disk.fault = 'failing'
  await lives.send([access])
  await lives.moving('sluice_spool_write_errors_total', 'sluice_spool_blocked')
  lives.disk.fault = 'none'

  aws.faults.set('logs', { mode: 'invalid', match: '"entity"' }, { mode: 'rejected' })
  aws.faults.set('s3', { mode: '503' })
  await lives.send([{ source: 'stderr', log: 'card 4111111111111111 refused' }])
  await lives.moving('sluice_dead_letters_local')
  aws.faults.clear('s3')
  const deadLetters = join(lives.dataDir, 'task1/dead-letter')
  rmSync(deadLetters, { recursive: true, force: true })
  writeFileSync(deadLetters, 'in the way')
  await lives.send([{ source: 'stderr', log: 'refused' }])
  await lives.moving('sluice_records_rejected_total', 'sluice_dead_letters_lost_total', 'sluice_sink_entities_refused_total')

  aws.faults.set('s3', { mode: '503' })
  await lives.send([access, ...Array.from({ length: 20 }, () => ({ source: 'stdout', log: 'app '.repeat(16_000) }))])
  await lives.moving('sluice_records_dropped_total', 'sluice_records_pending', 'sluice_oldest_pending_seconds',
    'sluice_delivery_paused', 'sluice_delivery_rebuilds_total')
  await pipeline.stop(AbortSignal.abort())

  pipeline = await lives.begin(t)
  await lives.moving('sluice_records_recovered_total')
  await pipeline.stop(AbortSignal.abort())

  const input = new PassThrough()
  pipeline = await lives.begin(t, input)
  input.end(`${'x'.repeat(10_000)}\n`)
  await lives.moving('sluice_lines_cut_total')
  await pipeline.stop(AbortSignal.abort())

  t.same(lives.still, [], 'these have not moved: count them, or provoke them here, or remove them')
})
