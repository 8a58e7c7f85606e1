import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { runCommandLine } from '../../../src/cli/command-line.ts'
import type { ExplainIo } from '../../../src/cli/explain/input.ts'

export const fixtures = join(import.meta.dirname, '../../fixtures')

/** What real servers wrote, each with the stream by which it came. */
export const captures = [
  { file: 'apache-modphp/stdout.log', source: 'stdout' },
  { file: 'apache-modphp/stderr.log', source: 'stderr' },
  { file: 'php-fpm/fpm-stderr.log', source: 'stderr' },
  { file: 'php-fpm/apache-stderr.log', source: 'stderr' },
] as const

/** A record as `--json` says it. */
export interface ExplainedRecord {
  readonly lines: readonly number[]
  readonly stream?: string
  readonly container?: string
  readonly class?: string
  readonly rule: string
  readonly filter?: string
  readonly repairs: readonly string[]
  readonly reason?: string
  readonly level?: string
  readonly fields?: Readonly<Record<string, unknown>>
  readonly storm?: string
  readonly route?: string
  readonly destination?: string
  readonly read: string
  readonly delivered: readonly string[]
}

export interface Explained {
  readonly code: number
  readonly out: string
  readonly error: string
}

export interface ExplainRun {
  readonly argv: readonly string[]
  readonly input?: Readable | string
  readonly env?: Readonly<Record<string, string>>
  /** Columns of a terminal; without them it is none. */
  readonly columns?: number
}

class Collected extends Writable {
  text = ''
  isTTY = false
  columns: number | undefined

  override _write (chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** Runs the command in this process, by its command line and at one moment of time. */
export async function explain ({ argv, input = '', env = {}, columns }: ExplainRun): Promise<Explained> {
  const stdout = new Collected()
  const stderr = new Collected()
  if (columns !== undefined) {
    stdout.isTTY = true
    stdout.columns = columns
  }
  const io: ExplainIo = {
    env: { SLUICE_DATA_DIR: '/data', SLUICE_HOST_ID: 'task1', ...env },
    stdin: typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input,
    stdout,
    stderr,
    readFile: path => readFileSync(path, 'utf8'),
    clock: {
      wallMs: () => Date.UTC(2026, 10, 23, 19, 41, 55),
      monotonicMs: () => 0,
      sleep: async () => undefined,
      alarm: () => ({ at: () => undefined, clear: () => undefined }),
    },
  }
  const code = await runCommandLine(['explain', ...argv], io)
  return { code, out: stdout.text, error: stderr.text }
}

export async function explainJson (run: ExplainRun): Promise<readonly ExplainedRecord[]> {
  const { out } = await explain({ ...run, argv: ['--json', ...run.argv] })
  return out.split('\n').slice(0, -1).map(line => JSON.parse(line) as ExplainedRecord)
}

/** How many records there are of each class and rule. */
export function countsOf (records: readonly ExplainedRecord[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const record of records) {
    const key = record.filter === undefined ? `${record.class ?? ''}/${record.rule}` : `filtered/${record.filter}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
