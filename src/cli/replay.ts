import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { withoutSecrets } from '../config/mistake.ts'
import type { Config } from '../config/settings.ts'
import { unreadableWords } from '../config/unreadable-words.ts'
import { systemClock } from '../contracts/clock.ts'
import { adoptRegion } from '../ecs/region.ts'
import { mergeFacts, noFacts } from '../ecs/task-facts.ts'
import { createPipeline } from '../pipeline/pipeline.ts'
import { awsSettings } from '../pipeline/sinks.ts'
import { countOf } from '../telemetry/words.ts'
import { createLogger, keepConsole, prettyFor } from '../telemetry/logger.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { loadOrTell } from './load.ts'
import { bucketInputs, parseBucketAddress } from './replay/bucket.ts'
import { systemDisk } from '../spool/disk.ts'
import { systemProcesses } from '../spool/processes.ts'
import { directoryInputs } from './replay/directory.ts'
import { tryReplay } from './replay/dry-run.ts'
import { ReplayCounts, type ReplayInput } from './replay/input.ts'
import { SentBefore } from './replay/sent.ts'
import { takeOwnership } from './replay/owner.ts'
import { rollBack, spoolStateOf } from './replay/rollback.ts'
import { sealOpenSegments } from './replay/settle.ts'
import { ReplaySource } from './replay/source.ts'
import { runToEnd } from './run-to-end.ts'
import { showProgress } from './replay/terminal.ts'
import { stopSignals } from './stop-signals.ts'
import { ended, writeFitted } from './wrap.ts'

export interface ReplayValues {
  readonly config: string | undefined
  readonly 'dry-run': boolean
  readonly file: string
}

/** Its directory in the data directory, where what it has read waits; also `{task}` in names. */
const instance = 'replay'

interface Found {
  readonly inputs: readonly ReplayInput[]
  readonly sentPath: string
  /** As of `Ownership`. */
  confirm (): Promise<void>
  close (): Promise<void>
}

/**
 * `sluice replay DIR|s3://…`: sends dead letters, or the spool of another, again, with their own times. They pass the
 * filters and the ledger of a pipeline of its own, and wait in a spool of its own, so an interruption loses nothing.
 *
 * @returns the exit code: as that of `run`; also 75 where a living process has the spool, 65
 *   where lines held no record, 66 where there was nothing to read
 */
export async function runReplay (io: Io, values: ReplayValues): Promise<number> {
  const fail = (code: number, words: string) => ended(io.stderr, code, `sluice replay: ${words}`)
  const config = loadOrTell(io, values.config)?.config
  if (config === undefined) return exitCodes.config
  adoptRegion(config.ecs)
  const found = await find(io, config, values)
  if ('code' in found) return fail(found.code, found.words)
  try {
    if (found.inputs.length === 0) return fail(exitCodes.noInput, `no dead letters and no segments in ${values.file}`)
    const counts = new ReplayCounts()
    const code = values['dry-run']
      ? await tryReplay({ io, config, inputs: found.inputs, sent: await SentBefore.look(found.sentPath), counts })
      : await send(io, config, found, counts)
    for (const { name, words } of counts.failed) fail(code, `cannot read ${name}: ${words}`)
    if (counts.sentBefore > 0) fail(code, `${countOf(counts.sentBefore, 'line')} sent before, and not sent again`)
    if (counts.unreadable > 0) fail(code, `${counts.unreadable} lines hold no record, and are left`)
    if (code !== exitCodes.ok) return code
    if (counts.failed.length > 0) return exitCodes.inputOutput
    return counts.unreadable > 0 ? exitCodes.data : exitCodes.ok
  } finally {
    await found.close()
  }
}

/** What is only read, or where no other process delivers from. */
const nobodys = { confirm: async () => undefined, close: async () => undefined }

interface Refusal { readonly code: number, readonly words: string }

function livingWords (directory: string): string {
  return `a process that lives has the spool in ${directory} and delivers it: stop that process first, or replay ` +
    `${join(directory, 'dead-letter')} for what was refused`
}

async function find (io: Io, config: Config, values: ReplayValues): Promise<Found | Refusal> {
  const { file: place } = values
  const address = parseBucketAddress(place)
  if (address === undefined && /^s3:/i.test(place)) {
    return {
      code: exitCodes.usage,
      words: `expected s3://BUCKET/PREFIX with the name of a bucket, found '${withoutSecrets(place)}': for example s3://my-logs/dead-letter/`,
    }
  }
  try {
    if (address !== undefined) {
      const { region } = config.s3
      const aws = awsSettings(config, instance, { region, roleArn: config.aws.roleArn })
      // Whoever may read the bucket need not be allowed to write there, so what was sent is remembered here.
      const sentPath = join(config.dataDir, instance, 'replayed', address.bucket)
      const { inputs, close } = await bucketInputs(aws, address)
      return { inputs, sentPath, ...nobodys, close: async () => close() }
    }
    const sentPath = join(place, '.replayed')
    if (values['dry-run']) {
      return { inputs: await directoryInputs(place), sentPath, ...nobodys }
    }
    const owner = await takeOwnership({
      disk: systemDisk,
      clock: systemClock,
      processes: systemProcesses,
      onWait: path => writeFitted(io.stderr, `sluice replay: looking for up to 20 s whether somebody still writes ${path}`),
    }, place)
    if (typeof owner === 'string') return { code: exitCodes.left, words: livingWords(owner) }
    await sealOpenSegments(systemDisk, place)
    return { inputs: await directoryInputs(place), sentPath, confirm: owner.confirm, close: owner.release }
  } catch (error) {
    return { code: exitCodes.noInput, words: `cannot read ${withoutSecrets(place)}: ${unreadableWords(error, 'directory')}` }
  }
}

async function send (io: Io, config: Config, found: Found, counts: ReplayCounts): Promise<number> {
  const { inputs, sentPath, confirm } = found
  const spoolDirectory = join(config.dataDir, instance, 'spool')
  const boot = randomBytes(16).toString('hex')
  let sent: SentBefore
  try {
    sent = await SentBefore.open(sentPath)
    if (sent.interrupted !== undefined) {
      await rollBack(spoolDirectory, sent.interrupted)
      await sent.rolledBack()
    }
  } catch (error) {
    return ended(io.stderr, exitCodes.inputOutput, `sluice replay: cannot remember in ${sentPath} what was sent: ${(error as Error).message}`)
  }
  const signals = stopSignals()
  const isTerminal = io.stderr.isTTY === true
  const level = isTerminal ? 'warn' : config.log.level
  const pretty = await prettyFor(io.stderr)
  const log = createLogger({ level, stream: io.stderr, pretty, hasColors: !io.env['NO_COLOR'] })
  keepConsole(log)
  const pipeline = await createPipeline({
    // It has no sockets, and another may have the port.
    config: { ...config, http: 'off', firelens: { ...config.firelens, healthInput: 'off' } },
    log,
    boot,
    hostId: instance,
    facts: mergeFacts(config.ecs, noFacts),
    replay: (accept, room) => new ReplaySource({
      inputs,
      sent,
      confirm,
      counts,
      accept,
      room,
      clock: systemClock,
      spoolState: () => spoolStateOf(spoolDirectory, boot),
    }),
  })
  const shown = isTerminal ? showProgress(io.stderr, pipeline.ledger, counts, inputs) : undefined
  return await runToEnd(pipeline, { io, signals, isFile: true, onStopped: () => shown?.end() })
}

// Tested in test/e2e/replay.test.ts
