import { randomBytes } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { Config } from '../config/settings.ts'
import { adoptRegion } from '../ecs/region.ts'
import { mergeFacts, noFacts } from '../ecs/task-facts.ts'
import { createPipeline } from '../pipeline/pipeline.ts'
import { createLogger, keepConsole, prettyFor } from '../telemetry/logger.ts'
import { countOf } from '../telemetry/words.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { loadOrTell } from './load.ts'
import { tryReplay } from './replay/dry-run.ts'
import { find, instance, othersWords, ownSpool, takeOwn, type Found } from './replay/find.ts'
import { ReplayCounts } from './replay/input.ts'
import { rollBack, spoolStateOf } from './replay/rollback.ts'
import { SentBefore } from './replay/sent.ts'
import { ReplaySource } from './replay/source.ts'
import { showProgress } from './replay/terminal.ts'
import { runToEnd } from './run-to-end.ts'
import { stopSignals } from './stop-signals.ts'
import { ended } from './wrap.ts'

export interface ReplayValues {
  readonly config: string | undefined
  readonly 'dry-run': boolean
  readonly file: string
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
    if (found.inputs.length === 0 && !found.hasOwn) return fail(exitCodes.noInput, `no dead letters and no segments in ${values.file}`)
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

async function send (io: Io, config: Config, found: Found, counts: ReplayCounts): Promise<number> {
  const { inputs, sentPath, confirm } = found
  const spoolDirectory = ownSpool(config)
  const own = dirname(spoolDirectory)
  const boot = randomBytes(16).toString('hex')
  const release = await takeOwn(io, own)
  if ('code' in release) return ended(io.stderr, release.code, `sluice replay: ${release.words}`)
  let sent: SentBefore
  try {
    sent = await SentBefore.open(sentPath)
    if (sent.interrupted !== undefined) {
      await rollBack(spoolDirectory, sent.interrupted)
      await sent.rolledBack()
    }
  } catch (error) {
    return ended(io.stderr, exitCodes.inputOutput, `sluice replay: cannot remember in ${sentPath} what was sent: ${(error as Error).message}`)
  } finally {
    await release()
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
    replay: (accept, room, directory) => new ReplaySource({
      inputs,
      sent,
      confirm: async () => {
        if (resolve(directory() ?? own) !== own) throw new Error(othersWords(own))
        await confirm()
      },
      counts,
      accept,
      room,
      spoolState: () => spoolStateOf(spoolDirectory, boot),
    }),
  })
  const shown = isTerminal ? showProgress(io.stderr, pipeline.ledger, counts, inputs) : undefined
  return await runToEnd(pipeline, { io, signals, isFile: true, onStopped: () => shown?.end() })
}

// Tested in test/e2e/replay.test.ts
