import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parseClassic } from '../../src/config/fluent-bit/classic.ts'
import { optionsOf, pluginOf, variablesOf, type Section } from '../../src/config/fluent-bit/sections.ts'
import { parseTaskDefinition } from '../../src/config/fluent-bit/task-definition.ts'
import { parseYamlForm } from '../../src/config/fluent-bit/yaml-form.ts'
import type { Aws } from '../support/aws/server.ts'
import { forwardFrames } from '../support/forward-frames.ts'
import { sendBytes } from '../support/sender.ts'
import type { Owner } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

export const fixtures = join(import.meta.dirname, '../fixtures/migrate')

const taskId = '0123456789abcdef0123456789abcdef'

/** What a fixture says of where lines go: by container and name of the line, a group or a bucket; null: nowhere. */
export type Places = Readonly<Record<string, Readonly<Record<string, Place>>>>
/** Several: copies went there. */
export type Place = string | readonly string[] | null

/** Lines by their name: the stream, and the text, in which `MARK` becomes `[container.name]`. */
export type SentLines = Readonly<Record<string, readonly [source: string, text: string]>>

/** What each container writes, whatever the configuration is. */
export const commonLines = {
  access: ['stdout', '{"status":200,"path":"/","id":"MARK"}'],
  app: ['stdout', 'plain MARK'],
  error: ['stderr', 'PHP Warning:  MARK in /app/a.php on line 3'],
  // Left out where the file leaves out health checks.
  health: ['stdout', '{"status":200,"path":"/","agent":"ELB-HealthChecker/2.0","id":"MARK"}'],
  // With Fluent Bit a line as any other of stdout, with Sluice an error.
  loud: ['stdout', 'PHP Fatal error:  MARK in /app/a.php on line 4'],
} as const satisfies SentLines

/** One line of each name of each container, as the log driver of ECS sends them. */
export async function sendLines (socketPath: string, containers: readonly string[], lines: SentLines): Promise<void> {
  for (const container of containers) {
    const records = Object.entries(lines).map(([name, [source, text]]) => ({
      timeMs: Date.now(),
      fields: { source, log: text.replace('MARK', `[${container}.${name}]`), container_name: container, container_id: 'ab'.repeat(32) },
    }))
    await sendBytes(socketPath, forwardFrames('message', `${container}-firelens-${taskId}`, records).bytes)
  }
}

/** Where lines came to be: places by `container.name`. */
export type Found = ReadonlyMap<string, ReadonlySet<string>>

function foundIn (texts: readonly (readonly [place: string, text: string])[]): Found {
  const found = new Map<string, Set<string>>()
  for (const [place, text] of texts) {
    for (const [, mark = ''] of text.matchAll(/\[(\w+\.\w+)\]/g)) found.set(mark, (found.get(mark) ?? new Set()).add(place))
  }
  return found
}

/** What the stand-in of AWS has: events by their group, lines of objects by their bucket. */
export function deliveredTo ({ state }: Aws, buckets: readonly string[]): Found {
  const events = state.streams().flatMap(([group, stream]) =>
    state.events(group, stream).map(({ message }) => [group, message] as const))
  const objects = buckets.flatMap(bucket =>
    state.objects(bucket).map(({ body }) => [bucket, gunzipSync(body).toString()] as const))
  return foundIn([...events, ...objects])
}

/** The sections of a fixture, whatever its form is. */
function sectionsOf (file: string): readonly Section[] {
  const text = readFileSync(join(fixtures, file), 'utf8')
  const none = variablesOf({})
  const parsed = file.endsWith('.json')
    ? parseTaskDefinition(file, text, none)
    : file.endsWith('.yaml') ? parseYamlForm(file, text, none) : parseClassic(file, text, none)
  return (parsed?.parts ?? []).flatMap(part => 'kind' in part ? [] : [part])
}

/**
 * Runs Fluent Bit with the sections of a fixture, sends it the lines, and says where they came to be. Each output to
 * AWS is one to a file, since Fluent Bit's speak to CloudWatch Logs by TLS only. Inputs, filters and matches are its
 * own.
 */
export async function runFluentBit (
  t: Owner, binary: string, { file, directory, containers, lines: sent, expected }: {
    readonly file: string
    readonly directory: string
    readonly containers: readonly string[]
    readonly lines: SentLines
    /** In how many places each line arrives: it is stopped when they have. */
    readonly expected: ReadonlyMap<string, number>
  }
): Promise<Found> {
  const socketPath = join(directory, 'fb.sock')
  const out = join(directory, 'out')
  mkdirSync(out)
  const sections = sectionsOf(file)
  const records = sections.flatMap(({ entries }) => entries.filter(({ key }) => key.toLowerCase() === 'record').map(({ value }) => value.split(' ')))
  const placeOf = (section: Section) => {
    const { bucket, log_group_name: group = '' } = optionsOf(section)
    return bucket ?? records.reduce((name, [key = '', value = '']) => name.replace(`$(${key})`, value), group)
  }
  const places: string[] = []
  const lines = sections.flatMap(section => {
    const plugin = pluginOf(section)
    const { match, match_regex: regex } = optionsOf(section)
    const keep = (pattern: RegExp) => section.entries.filter(({ key }) => pattern.test(key)).map(({ key, value }) => `  ${key} ${value}`)
    if (section.name === 'SERVICE') {
      return keep(/^streams_file$/i).map(line => line.replace(/(\S+)$/, name => join(fixtures, name)))
        .map(line => `[SERVICE]\n${line}\n  Flush 0.2\n  Grace 1\n  Parsers_File ${join(directory, 'parsers.conf')}`)
    }
    if (section.name === 'INPUT') return [`[INPUT]\n  Name forward\n  unix_path ${socketPath}\n${keep(/^tag/i).join('\n')}`]
    if (section.name === 'FILTER') return [`[FILTER]\n${keep(/./).join('\n')}`]
    const target = regex === undefined ? `Match ${match ?? ''}` : `Match_Regex ${regex}`
    if (plugin !== 's3' && !plugin.startsWith('cloudwatch')) return [`[OUTPUT]\n  Name null\n  ${target}`]
    places.push(placeOf(section))
    return [`[OUTPUT]\n  Name file\n  ${target}\n  Path ${out}\n  File ${places.length - 1}`]
  })
  const service = lines.some(line => line.startsWith('[SERVICE]')) ? '' : `[SERVICE]\n  Flush 0.2\n  Grace 1\n  Parsers_File ${join(directory, 'parsers.conf')}\n`
  const input = sections.some(({ name }) => name === 'INPUT') ? '' : `[INPUT]\n  Name forward\n  unix_path ${socketPath}\n`
  writeFileSync(join(directory, 'parsers.conf'), '[PARSER]\n  Name json\n  Format json\n')
  writeFileSync(join(directory, 'fb.conf'), `${service}${input}${lines.join('\n')}\n`)

  const child = spawn(binary, ['-c', join(directory, 'fb.conf')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { log += chunk.toString() })
  const closed = once(child, 'close')
  t.teardown(() => child.kill('SIGKILL'))
  await until('Fluent Bit listens', () => existsSync(socketPath) || child.exitCode !== null, isReady => isReady)
  if (child.exitCode !== null) throw new Error(`Fluent Bit does not start with ${file}:\n${log}`)
  await sendLines(socketPath, containers, sent)
  const found = () => foundIn(readdirSync(out).map(name => [places[Number(name)] ?? name, readFileSync(join(out, name), 'utf8')]))
  const missing = () => {
    const there = found()
    return [...expected].filter(([mark, count]) => (there.get(mark)?.size ?? 0) < count)
  }
  await until('Fluent Bit has the lines', missing, ({ length }) => length === 0)
  child.kill('SIGTERM')
  await closed
  return found()
}
