import { get } from 'node:http'
import { formatAddress, ownUrl, parseAddress } from '../config/address.ts'
import { withoutSecrets } from '../config/mistake.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { writeFitted, type Writer } from './wrap.ts'

/** Its `readFile` is called only when nothing else tells the address. */
export interface HealthcheckIo extends Pick<Io, 'env' | 'readFile'> {
  readonly stdout: Pick<Writer, 'write'>
  readonly stderr: Writer
  /** How long the answer may take, ms; 2 s unless told, less than the 5 s that ECS and Docker give by default. */
  readonly timeoutMs?: number
}

export interface HealthcheckValues { readonly url: string | undefined, readonly config: string | undefined }

const path = '/health/live'
const defaultAddress = '0.0.0.0:2020'
const defaultTimeoutMs = 2_000

/**
 * Asks a Sluice on this machine whether it is alive, and says in one line what was found.
 *
 * The address is that of `--url`, else `SLUICE_HTTP`, else `http` of the YAML, else the default. It runs
 * every few seconds beside the service, so it loads next to nothing; the file is read only when it has to be.
 *
 * @returns the exit code: 0 alive, 1 not
 */
export async function runHealthcheck (io: HealthcheckIo, values: HealthcheckValues): Promise<number> {
  const target = await findTarget(io, values)
  const found = 'url' in target ? await ask(target.url, io.timeoutMs ?? defaultTimeoutMs) : target
  if (found.isAlive) io.stdout.write(`healthy: ${found.words}\n`)
  else writeFitted(io.stderr, `unhealthy: ${found.words}`)
  return found.isAlive ? exitCodes.ok : exitCodes.failed
}

interface Finding { readonly isAlive: boolean, readonly words: string }

async function findTarget (io: HealthcheckIo, values: HealthcheckValues): Promise<{ readonly url: URL } | Finding> {
  const { env } = io
  if (values.url !== undefined) {
    const url = URL.parse(values.url)
    if (url?.protocol !== 'http:') return nothing(`--url: expected http://host:port/, found '${withoutSecrets(values.url)}'`)
    if (url.pathname === '/') url.pathname = path
    return { url }
  }
  // As everywhere, an empty variable says nothing.
  const given = [env['SLUICE_HTTP'], values.config, env['SLUICE_CONFIG'], env['SLUICE_CONFIG_YAML']]
    .map(text => text === '' ? undefined : text)
  const [fromVariable, ...files] = given
  const hasFile = fromVariable === undefined &&
    (files.some(file => file !== undefined) || fluentBitMayTell(io))
  try {
    return targetOf(hasFile ? await fromFile(io, values.config) : fromVariable ?? defaultAddress)
  } catch (error) {
    return nothing((error as Error).message)
  }
}

function targetOf (address: string): { readonly url: URL } | Finding {
  if (address === 'off') return nothing('http is off, so there is nothing to ask; set SLUICE_HTTP or http in the file')
  const parsed = parseAddress(address)
  if (parsed === undefined) return nothing(`SLUICE_HTTP: expected host:port, found '${address}'`)
  return { url: new URL(path, ownUrl(parsed)) }
}

/** Whether the configuration that ECS made for Fluent Bit gives a port, or includes one that may; most do not. */
function fluentBitMayTell ({ env, readFile }: HealthcheckIo): boolean {
  const file = env['SLUICE_FIRELENS_CONFIG'] ?? '/fluent-bit/etc/fluent-bit.conf'
  try {
    return file !== 'off' && /^\s*(?:http_port|http_listen|@include)\b/im.test(readFile(file))
  } catch {
    // None is there, as outside of ECS, or the service itself has warned of it.
    return false
  }
}

async function fromFile ({ env, readFile }: HealthcheckIo, configFile: string | undefined): Promise<string> {
  const { loadConfig } = await import('../config/load.ts')
  const { http } = loadConfig({ configFile, env, readFile }).config
  return http === 'off' ? http : formatAddress(http)
}

function nothing (words: string): Finding {
  return { isAlive: false, words }
}

function ask (url: URL, timeoutMs: number): Promise<Finding> {
  const startMs = performance.now()
  const shown = withoutSecrets(url.href)
  const since = () => `${Math.round(performance.now() - startMs)} ms`
  return new Promise(resolve => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, response => {
      const isAlive = response.statusCode === 200
      // Sluice answers this page with 200 or not at all.
      const hint = isAlive || url.pathname !== path ? '' : ': another process has this address'
      resolve({ isAlive, words: `${shown} answered ${response.statusCode ?? 'nothing'} in ${since()}${hint}` })
      request.destroy()
    })
    request.on('error', error => {
      const { code } = error as NodeJS.ErrnoException
      const words = code === 'ABORT_ERR' || error.name === 'TimeoutError'
        ? `${shown} did not answer within ${timeoutMs} ms`
        : code === 'ECONNREFUSED'
          ? `nothing listens at ${url.host}: Sluice does not run, or its address is another (--url)`
          : `${shown}: ${error.message}`
      resolve(nothing(words))
    })
  })
}
