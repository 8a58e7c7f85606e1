import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { promisify } from 'node:util'

export const execute = promisify(execFile)

interface Program {
  readonly packageName: string
  /** Where it is when it is installed; `*` stands for a version. */
  readonly files: readonly string[]
}

const wanted: readonly Program[] = [
  { packageName: 'apache2', files: ['/usr/sbin/apache2'] },
  { packageName: 'libapache2-mod-php', files: ['/usr/lib/apache2/modules/libphp*.so'] },
  { packageName: 'php-fpm', files: ['/usr/sbin/php-fpm*'] },
]
const engine: Program = {
  packageName: 'docker.io', files: ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'],
}
const compose: Program = { packageName: 'docker-compose', files: ['/usr/bin/docker-compose'] }
const bootstrap: Program = { packageName: 'debootstrap', files: ['/usr/sbin/debootstrap'] }
/** Part of the engine's package up to Debian 12. */
const client: Program = { packageName: 'docker-cli', files: ['/usr/bin/docker', '/usr/local/bin/docker'] }
const prometheus: Program = { packageName: 'prometheus', files: ['/usr/bin/prometheus'] }

export interface Programs {
  /** Apache's module of PHP. */
  readonly phpModule: string
  readonly fpm: string
}

/** Installs the servers from Debian, where they are missing. */
export async function installServers (say: (text: string) => void): Promise<Programs> {
  await install(wanted.filter(program => found(program) === undefined), say)
  const [, phpModule, fpm] = wanted.map(program => found(program))
  if (phpModule === undefined || fpm === undefined) throw new Error('expected Apache and PHP to be installed now')
  return { phpModule, fpm }
}

/** @returns the path of `dockerd` */
export async function installEngine (say: (text: string) => void): Promise<string> {
  await install(found(engine) === undefined ? [engine] : [], say)
  await install(found(client) === undefined ? [client] : [], say)
  const path = found(engine)
  if (path === undefined) throw new Error('expected dockerd to be installed now')
  return path
}

/** Installs what makes a Debian in a folder. */
export async function installBootstrap (say: (text: string) => void): Promise<void> {
  await install(found(bootstrap) === undefined ? [bootstrap] : [], say)
}

/** Installs Debian's `docker-compose`, which takes the same files as the newer `docker compose`. */
export async function installCompose (say: (text: string) => void): Promise<void> {
  await install(found(compose) === undefined ? [compose] : [], say)
}

/** Installs Prometheus with `promtool`. */
export async function installPrometheus (say: (text: string) => void): Promise<void> {
  await install(found(prometheus) === undefined ? [prometheus] : [], say)
}

function found ({ files }: Program): string | undefined {
  return files.flatMap(file => file.includes('*') ? globSync(file) : existsSync(file) ? [file] : []).sort().at(-1)
}

async function install (missing: readonly Program[], say: (text: string) => void): Promise<void> {
  if (missing.length === 0) return
  const names = missing.map(({ packageName }) => packageName)
  say(`installs ${names.join(' ')} by apt-get`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // A container's policy: nothing that is installed here is started by itself.
  const options = { env: { ...env, RUNLEVEL: '1' }, maxBuffer: 64 * 1024 * 1024 }
  await execute('apt-get', ['update', '-qq'], options)
  await execute('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options)
}
