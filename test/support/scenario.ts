import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { startAws, type Aws, type AwsOptions } from './aws/server.ts'
import { discrepancies, type Books, type FoundLine } from './books.ts'
import { deliveredLines } from './delivered.ts'
import type { SentRecord } from './forward-frames.ts'
import { originalOf } from './lines.ts'
import { observed } from './operator.ts'
import { sendForAcks, sendRecords } from './sender.ts'
import { shortDirectory, startSluice, type ExitReport, type Owner, type SluiceProcess } from './sluice-process.ts'

/** Longer than any pause between two attempts, on however busy a machine, ms. */
const patienceMs = 90_000

export const bucket = 'shop-logs'
export const group = '/ecs/shop/error'

/** Every line that the stand-in holds, dead letters apart. */
export function linesInAws ({ state }: Aws): FoundLine[] {
  const objects = state.objects(bucket).filter(({ key }) => !key.includes('dead-letter/')).flatMap(({ key, body }) => {
    const class_ = /(access|app|invalid)\//.exec(key)?.[1] ?? key
    return gunzipSync(body).toString().split('\n').slice(0, -1)
      .map(line => ({ class: class_, text: class_ === 'app' ? textOfApp(line) : line }))
  })
  const events = state.streams().flatMap(([group, stream]) => state.events(group, stream)
    .map(({ message }) => ({ class: 'error', text: message })))
  return [...objects, ...events]
}

/** What stood in the line that was wrapped; a line that was an object by itself is left as it is. */
function textOfApp (line: string): string {
  const { log } = JSON.parse(line) as { readonly log?: unknown }
  return typeof log === 'string' ? log : line
}

/** Every line that was delivered to files below the data directory, or below one that has a `delivered` in it. */
export function linesInFiles (root: string): FoundLine[] {
  const { access, app, error } = deliveredLines(root)
  return [
    ...access.map(text => ({ class: 'access', text })),
    ...app.map(line => ({ class: 'app', text: originalOf(line, 'app') })),
    ...error.map(line => ({ class: 'error', text: originalOf(line, 'error') })),
  ]
}

/** Every dead letter, each once: a copy of it may be in the bucket too. */
export function deadLetters (dataDir: string, aws?: Aws): FoundLine[] {
  const files = globSync('*/dead-letter/**/*.ndjson', { cwd: dataDir }).map(path => readFileSync(join(dataDir, path)))
  const objects = aws?.state.objects(bucket).filter(({ key }) => key.includes('dead-letter/'))
    .map(({ key, body }) => key.endsWith('.gz') ? gunzipSync(body) : body) ?? []
  const texts = [...files, ...objects].flatMap(content => content.toString().split('\n').slice(0, -1))
    .map(line => (JSON.parse(line) as { readonly record: { readonly m: string } }).record.m)
  return [...new Set(texts)].map(text => ({ class: 'error', text }))
}

/** Keys that were stored more than once, whatever became of the first: there must be none. */
export function storedTwice ({ state }: Aws): string[] {
  const stored = state.puts(bucket).filter(({ outcome }) => outcome === 'stored').map(({ key }) => key)
  return stored.filter((key, index) => stored.indexOf(key) < index)
}

/** One fault, from first line to books: processes one after the other on one directory, and a stand-in of AWS. */
export interface Scenario {
  readonly aws: Aws
  readonly directory: string
  readonly dataDir: string
  readonly sent: SentRecord[]
  readonly acked: SentRecord[]
  readonly lives: Array<ExitReport | undefined>
  /** Starts Sluice with nothing of AWS but what a task has, and the two variables; resolves when it has started. */
  start (env?: Readonly<Record<string, string>>): Promise<SluiceProcess>
  /** Sends them in messages of their own, without acks. */
  send (sluice: SluiceProcess, records: readonly SentRecord[]): Promise<void>
  /** Sends them in chunks, each when the one before is acked. @returns those that were acked */
  sendForAcks (sluice: SluiceProcess, records: readonly SentRecord[], chunkRecords?: number): Promise<SentRecord[]>
  /** Resolves when the stand-in holds so many lines; rejects after a minute, with what the process has said. */
  arrived (sluice: SluiceProcess, count: number): Promise<void>
  /** Ends the process in order and keeps its report. */
  stop (sluice: SluiceProcess, exitCode?: number | 'any'): Promise<ExitReport>
  /** Waits for the end of a process that was told to end, and keeps its report. */
  ended (sluice: SluiceProcess): Promise<ExitReport>
  /** Kills the process: of that life there is no report. */
  kill (sluice: SluiceProcess): Promise<void>
  /** Everything that is wrong, in sentences. */
  discrepancies (more?: Partial<Books>): string[]
  /** Ends the test: what was sent, what Sluice says of it, and what the stand-in holds must agree. */
  balance (t: Test, more?: Partial<Books>): void
}

export interface ScenarioOptions {
  readonly aws?: AwsOptions
  readonly env?: Readonly<Record<string, string>>
  /** The file that is run, as in `SluiceOptions`. */
  readonly program?: string
}

export async function startScenario (t: Owner, options: ScenarioOptions = {}): Promise<Scenario> {
  const { aws: awsOptions = {}, env: common = {}, program } = options
  const aws = await startAws({ buckets: [bucket], groups: [group], ...awsOptions })
  t.teardown(() => aws.close())
  const directory = shortDirectory(t)
  const dataDir = join(directory, 'data')
  const sent: SentRecord[] = []
  const acked: SentRecord[] = []
  const lives: Array<ExitReport | undefined> = []

  const scenario: Scenario = {
    aws,
    directory,
    dataDir,
    sent,
    acked,
    lives,

    async start (env = {}) {
      const sluice = startSluice(t, {
        directory,
        ...program !== undefined && { program },
        env: { ...observed, ...aws.environment, SLUICE_LOG_GROUP: group, SLUICE_BUCKET: bucket, ...common, ...env },
      })
      await sluice.printed(/"msg":"started"/)
      return sluice
    },

    async send (sluice, records) {
      for (const record of records) sent.push(record)
      await sendRecords(sluice.socketPath, records)
    },

    async sendForAcks (sluice, records, chunkRecords = 30) {
      function * chunks () {
        for (let at = 0; at < records.length; at += chunkRecords) {
          const chunk = records.slice(at, at + chunkRecords)
          for (const record of chunk) sent.push(record)
          yield chunk
        }
      }
      const taken = await sendForAcks(sluice.socketPath, chunks())
      for (const record of taken) acked.push(record)
      return taken
    },

    async arrived (sluice, count) {
      const tooLate = new AbortController()
      const late = delay(patienceMs, undefined, { signal: tooLate.signal, ref: false })
        .then(() => { throw new Error(`expected ${count} lines, found ${linesInAws(aws).length}:\n${sluice.output().slice(-4000)}`) })
      try {
        await Promise.race([late, aws.state.until(() => linesInAws(aws).length >= count)])
      } finally {
        tooLate.abort()
        late.catch(() => undefined)
      }
    },

    async stop (sluice, exitCode = 0) {
      sluice.kill('SIGTERM')
      const report = await scenario.ended(sluice)
      if (exitCode !== 'any' && report.exitCode !== exitCode) {
        throw new Error(`expected exit code ${exitCode}, found ${report.exitCode}:\n${sluice.output().slice(-4000)}`)
      }
      return report
    },

    async ended (sluice) {
      await sluice.exited
      const report = sluice.report()
      lives.push(report)
      return report
    },

    async kill (sluice) {
      sluice.kill('SIGKILL')
      await sluice.exited
      lives.push(undefined)
    },

    discrepancies (more = {}) {
      const wrong = discrepancies({
        sent, acked, lives, delivered: linesInAws(aws), deadLetters: deadLetters(dataDir, aws), ...more,
      })
      for (const key of storedTwice(aws)) wrong.push(`stored twice: ${key}`)
      for (const { rule, detail } of aws.state.violations) wrong.push(`a rule of AWS is broken: ${rule}, ${detail}`)
      return wrong
    },

    balance (t, more) {
      const wrong = scenario.discrepancies(more)
      t.same(wrong.slice(0, 10), [], `the books balance, line by line: ${sent.length} sent, ${wrong.length} discrepancies`)
    },
  }
  return scenario
}
