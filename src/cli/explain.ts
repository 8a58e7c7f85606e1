import { open, type FileHandle } from 'node:fs/promises'
import { withoutSecrets } from '../config/mistake.ts'
import { unreadableWords } from '../config/unreadable-words.ts'
import { stream } from '../contracts/record.ts'
import { exitCodes } from './exit-codes.ts'
import { explainInput, type ExplainIo } from './explain/input.ts'
import { loadOrTell } from './load.ts'
import type { RunValues } from './run.ts'
import { ended } from './wrap.ts'

export interface ExplainValues extends Omit<RunValues, 'stdin'> {
  readonly json: boolean
  readonly summary: boolean
  readonly file: string | undefined
}

/**
 * `sluice explain [FILE|-]`: says of each record of a file what the pipeline makes of it, and why; then counts.
 *
 * The records go through the very code that the service runs. A file is lines, or captured bytes of the Forward
 * protocol; it is read once and never held whole. A reader that has seen enough (`| head`) ends it without a word.
 *
 * @returns 0; 65 where a capture is damaged, 66 where there is no such file
 */
export async function runExplain (io: ExplainIo, values: ExplainValues): Promise<number> {
  const { file: path = '-', source } = values
  const config = loadOrTell(io, values.config)?.config
  if (config === undefined) return exitCodes.config
  const fail = (code: number, words: string) => ended(io.stderr, code, `sluice explain: ${words}`)
  let file: FileHandle | undefined
  try {
    file = path === '-' ? undefined : await openFile(path)
    if (path === '-' && io.stdin.isTTY === true) fail(exitCodes.ok, 'reads lines from the terminal, up to Ctrl-D')
    const end = await explainInput({
      io,
      config,
      input: file?.createReadStream() ?? io.stdin,
      isFile: file !== undefined,
      // Of one that can be read twice.
      fd: file !== undefined && (await file.stat()).isFile() ? file.fd : undefined,
      hasOwnTimes: values.time === 'line',
      isJson: values.json,
      isSummary: values.summary,
      stream: stream[source],
    })
    if (end.kind === 'done') return exitCodes.ok
    if (end.kind === 'unwritten') return fail(exitCodes.inputOutput, `cannot write to standard output: ${end.detail}`)
    return fail(end.kind === 'damaged' ? exitCodes.data : exitCodes.inputOutput, `${path === '-' ? 'standard input' : path}: ${end.detail}`)
  } catch (error) {
    if (!(error instanceof NoInput)) throw error
    return fail(exitCodes.noInput, `cannot read ${withoutSecrets(path)}: ${error.message}`)
  } finally {
    // Nobody else does, where it was not read to its end.
    await file?.close()
  }
}

class NoInput extends Error {}

/** @throws NoInput */
async function openFile (path: string): Promise<FileHandle> {
  try {
    const file = await open(path)
    if (!(await file.stat()).isDirectory()) return file
    await file.close()
  } catch (error) {
    throw new NoInput(unreadableWords(error))
  }
  throw new NoInput('it is a directory')
}
