import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { configExitCode, loadConfig } from '../config/load.ts'
import { SluiceError } from '../contracts/errors.ts'
import { stream } from '../contracts/record.ts'
import { explainInput, type ExplainIo } from './explain/input.ts'

const flags = {
  json: { type: 'boolean', default: false },
  source: { type: 'string', default: 'stdout' },
  config: { type: 'string' },
} as const

/** Source: https://man.openbsd.org/sysexits */
const exitCodes = { usage: 64, data: 65, noInput: 66, inputOutput: 74 } as const

/**
 * `sluice explain [FILE|-]`: says of each record of a file what the pipeline makes of it, and why; then counts.
 *
 * The records go through the very code that the service runs. A file is lines, or captured bytes of the Forward
 * protocol; it is read once and never held whole. A reader that has seen enough (`| head`) ends it without a word.
 *
 * @returns 0; 64 for arguments that are none, 65 where a capture is damaged, 66 where there is no such file
 */
export async function runExplain (io: ExplainIo): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...io.argv], options: flags, allowPositionals: true })
  const fail = (code: number, text: string) => {
    io.stderr.write(`sluice explain: ${text}\n`)
    return code
  }
  const { source } = values
  if (source !== 'stdout' && source !== 'stderr') {
    return fail(exitCodes.usage, `expected --source stdout or --source stderr, found '${source}'`)
  }
  if (positionals.length > 1) return fail(exitCodes.usage, `expected one file, found ${positionals.length}`)
  const [path = '-'] = positionals
  try {
    const { config } = loadConfig({ configFile: values.config, env: io.env, readFile: io.readFile })
    const input = path === '-' ? io.stdin : await openFile(path)
    if (path === '-' && io.stdin.isTTY === true) fail(0, 'reads lines from the terminal, up to Ctrl-D')
    const end = await explainInput({ io, config, input, isFile: path !== '-', isJson: values.json, stream: stream[source] })
    if (end.kind === 'done') return 0
    return fail(end.kind === 'damaged' ? exitCodes.data : exitCodes.inputOutput, `${path}: ${end.detail}`)
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'ERR_CONFIG') {
      io.stderr.write(`${error.message}\n`)
      return configExitCode
    }
    if (!(error instanceof NoInput)) throw error
    return fail(exitCodes.noInput, `cannot read ${path}: ${error.message}`)
  }
}

class NoInput extends Error {}

/** @throws NoInput */
async function openFile (path: string): Promise<Readable> {
  try {
    const file = await open(path)
    if (!(await file.stat()).isDirectory()) return file.createReadStream()
    await file.close()
  } catch (error) {
    throw new NoInput((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message)
  }
  throw new NoInput('it is a directory')
}
