import { driverFrames } from '../scripts/demo/docker-driver.ts'
import { forwardFrames } from '../test/support/forward-frames.ts'
import { sequenceDigits, unnumberedLine, workloadOf } from './lines.ts'

export interface TemplateOptions {
  readonly workload: string
  /** `message` or `packed`. */
  readonly mode: string
  /** Lines a write. */
  readonly per: number
  /** They write in turns, a line each. */
  readonly containers: number
}

/** Frames of one write, and where the digits of each line's number stand in them; -1 where it has none. */
export interface Template { readonly bytes: Buffer, readonly at: readonly number[], taken: Promise<void> }

/** Lines that are built; all but their numbers repeats. */
const builtCount = 20_000

/**
 * Frames for the first lines of `count`, built once; a round only writes new numbers into them, so that the sender is
 * not what is measured.
 */
export function createTemplates (options: TemplateOptions, count: number): readonly Template[] {
  const { per } = options
  const length = Math.min(Math.max(2, Math.ceil(builtCount / per)), Math.ceil(count / per))
  return Array.from({ length }, (_, index) => templateOf(options, index * per))
}

function framesOf ({ workload, mode, per, containers: containerCount }: TemplateOptions, first: number): Buffer {
  const { isError, lineOf } = workloadOf(workload)
  const containerOf = (sequence: number) => {
    const index = sequence % containerCount
    return {
      id: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      name: '/ecs-shop-web-12-app-9af3c2d4e5b6a7980100',
      tag: `web${index === 0 ? '' : index}-firelens-0123456789abcdef0123456789abcdef`,
    }
  }
  const sequences = Array.from({ length: per }, (_, index) => first + index)
  const sourceOf = (sequence: number) => isError(sequence) ? 'stderr' : 'stdout'
  if (mode === 'message') {
    return Buffer.concat(sequences.flatMap(sequence => driverFrames(containerOf(sequence), {
      source: sourceOf(sequence), bytes: Buffer.from(lineOf(sequence)), timeMs: Date.now(),
    }, Math.random)))
  }
  if (mode !== 'packed') throw new RangeError(`--mode: expected message or packed, found '${mode}'`)
  return forwardFrames('packed', containerOf(first).tag, sequences.map(sequence => {
    const { id, name } = containerOf(sequence)
    const fields = { container_id: id, container_name: name, source: sourceOf(sequence), log: lineOf(sequence) }
    return { timeMs: Date.now(), fields }
  }), 'rZcEawAAAABS/fwHIYJlTQ==').bytes
}

function templateOf (options: TemplateOptions, first: number): Template {
  const bytes = framesOf(options, first)
  const { lineOf } = workloadOf(options.workload)
  const at: number[] = []
  for (let sequence = first, from = 0; sequence < first + options.per; sequence++) {
    const found = lineOf(sequence) === unnumberedLine
      ? -1
      : bytes.indexOf(String(sequence).padStart(sequenceDigits, '0'), from)
    at.push(found)
    if (found >= 0) from = found + sequenceDigits
  }
  return { bytes, at, taken: Promise.resolve() }
}

/** Makes it the frames of the lines from `first` on. */
export function renumber ({ bytes, at }: Template, first: number): void {
  for (let index = 0; index < at.length; index++) {
    const start = at[index] ?? -1
    if (start < 0) continue
    let rest = first + index
    for (let digit = start + sequenceDigits - 1, left = sequenceDigits; left > 0; digit--, left--) {
      bytes[digit] = 0x30 + rest % 10
      rest = Math.floor(rest / 10)
    }
  }
}
