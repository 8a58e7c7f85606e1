import { dirname, join, resolve } from 'node:path'
import { withoutSecrets } from '../../config/mistake.ts'
import type { Config } from '../../config/settings.ts'
import { unreadableWords } from '../../config/unreadable-words.ts'
import { awsSettings } from '../../pipeline/sinks.ts'
import { exists, systemDisk } from '../../spool/disk.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { writeFitted } from '../wrap.ts'
import { bucketInputs, parseBucketAddress } from './bucket.ts'
import { directoryInputs } from './directory.ts'
import type { ReplayInput } from './input.ts'
import { takeOwnership } from './owner.ts'
import { liesIn, segmentsBelow } from './rollback.ts'
import { sealOpenSegments } from './settle.ts'

/** Its directory in the data directory, where what it has read waits; also `{task}` in names. */
export const instance = 'replay'

/** What is to be sent again. */
export interface Found {
  readonly inputs: readonly ReplayInput[]
  /** What an earlier replay had read and not delivered lies there. */
  readonly hasOwn: boolean
  readonly sentPath: string
  /** As of `Ownership`. */
  confirm (): Promise<void>
  close (): Promise<void>
}

/** What is only read, or where no other process delivers from. */
const nobodys = { confirm: async () => undefined, close: async () => undefined, release: async () => undefined }

/** The spool of replays. */
export function ownSpool ({ dataDir }: Pick<Config, 'dataDir'>): string { return resolve(dataDir, instance, 'spool') }

export interface Refusal { readonly code: number, readonly words: string }

function livingWords (directory: string): string {
  return `a process that lives has the spool in ${directory} and delivers it: stop that process first, or replay ` +
    `${join(directory, 'dead-letter')} for what was refused`
}

/**
 * Takes the spool of replays, so that an earlier one can be rolled back.
 *
 * @returns what gives it to the pipeline, or what to say where another process has it
 */
export async function takeOwn (io: Io, own: string): Promise<(() => Promise<void>) | Refusal> {
  const owner = await exists(systemDisk, own) ? await takeOwnership(own, waitTeller(io)) : nobodys
  return typeof owner === 'string' ? { code: exitCodes.left, words: othersWords(own) } : owner.release
}

export function othersWords (own: string): string {
  return `another replay, or a Sluice whose hostId is ${instance}, has ${own}: wait for its end, or give this one another ` +
    'data directory, with SLUICE_DATA_DIR'
}

function waitTeller ({ stderr }: Io): (path: string) => void {
  return path => writeFitted(stderr, `sluice replay: looking for up to 20 s whether somebody still writes ${path}`)
}

/** Looks for what there is to send, and takes the right to. */
export async function find (
  io: Io, config: Config, { file: place, 'dry-run': isDry }: { readonly file: string, readonly 'dry-run': boolean }
): Promise<Found | Refusal> {
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
      return { inputs, hasOwn: false, sentPath, ...nobodys, close: async () => close() }
    }
    const directory = resolve(place)
    const sentPath = join(directory, '.replayed')
    // What its own spool holds was read before: the pipeline delivers it.
    const spool = ownSpool(config)
    const inputs = async () => await directoryInputs(directory, spool)
    const hasOwn = liesIn(spool, directory) && (await segmentsBelow(spool)).length > 0
    if (isDry) return { inputs: await inputs(), hasOwn, sentPath, ...nobodys }
    const owner = await takeOwnership(directory, waitTeller(io), dirname(spool))
    if (typeof owner === 'string') return { code: exitCodes.left, words: livingWords(owner) }
    await sealOpenSegments(directory, spool)
    return { inputs: await inputs(), hasOwn, sentPath, confirm: owner.confirm, close: owner.release }
  } catch (error) {
    return { code: exitCodes.noInput, words: `cannot read ${withoutSecrets(place)}: ${unreadableWords(error, 'directory')}` }
  }
}

// Tested in test/e2e/replay.test.ts and replay-owner.test.ts
