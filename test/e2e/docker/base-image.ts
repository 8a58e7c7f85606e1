import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Docker } from './daemon.ts'
import { execute } from './programs.ts'
import type { Undo } from './undo.ts'

export interface BaseImage {
  /** As a Dockerfile or a compose file names it: `node:24-slim`. */
  readonly name: string
  /** Packages of Debian besides the smallest system. */
  readonly packages?: readonly string[]
  /** Files of its own, by their path in the image; what begins with `#!` may be executed. */
  readonly files?: Readonly<Record<string, string>>
  /** Instructions of a Dockerfile that the image brings: `ENTRYPOINT ["…"]`. */
  readonly changes?: readonly string[]
  /** Whether Node and npm are in it. */
  readonly hasNode?: boolean
}

const nodeBinary = resolve(import.meta.dirname, '../../../node_modules/node/bin/node')
/** Half a minute on an idle machine; more than five have been seen on a busy one. */
const options = { maxBuffer: 64 * 1024 * 1024, timeout: 900_000 }

/**
 * Stand-ins for images that cannot be pulled: a Debian of `debootstrap` with the packages that the image is made of,
 * imported under the image's name. What is built on it and run is then as it would be on the real one, but for what the
 * real one has and this has not.
 */
export class BaseImages {
  readonly #docker: Docker
  readonly #directory: string
  readonly #say: (text: string) => void
  readonly #undo: Undo
  #minimal: Promise<string> | undefined

  /** @param directory for what is made on the way; taken as memory, where the machine lets us */
  constructor (docker: Docker, directory: string, undo: Undo, say: (text: string) => void) {
    this.#docker = docker
    this.#directory = directory
    this.#undo = undo
    this.#say = say
  }

  async import (image: BaseImage): Promise<void> {
    this.#minimal ??= this.#bootstrap()
    const root = join(this.#directory, `root-${image.name.replace(/\W/g, '-')}`)
    await execute('cp', ['--archive', await this.#minimal, root], options)
    if (image.packages !== undefined) await installInto(root, image.packages)
    if (image.hasNode === true) copyNode(root)
    for (const [path, text] of Object.entries(image.files ?? {})) {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text)
      if (text.startsWith('#!')) chmodSync(join(root, path), 0o755)
    }
    const archive = `${root}.tar`
    await execute('tar', ['--create', '--file', archive, '--directory', root, '.'], options)
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    const registry = image.hasNode === true ? [`ENV npm_config_registry=${await registryOfNpm()}`] : []
    const changes = [`ENV PATH=${path}`, ...machineVariables(), ...registry, ...image.changes ?? []]
    await this.#docker.run('import', ...changes.flatMap(change => ['--change', change]), archive, image.name)
    rmSync(root, { recursive: true, force: true })
    rmSync(archive)
    this.#say(`imported a stand-in for ${image.name}`)
  }

  /** dpkg waits for the disk after every package, which takes minutes; memory has none. */
  async #useMemory (): Promise<void> {
    mkdirSync(this.#directory, { recursive: true })
    try {
      await execute('mount', ['-t', 'tmpfs', 'tmpfs', this.#directory], options)
    } catch {
      // Slower, and the same.
      return
    }
    this.#undo.add('memory of the images', async () => await execute('umount', ['--lazy', this.#directory], options))
  }

  async #bootstrap (): Promise<string> {
    await this.#useMemory()
    const root = join(this.#directory, 'debian')
    await execute('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root], options)
    // What this machine needs to reach Debian's packages, its images need too.
    for (const file of globSync('/etc/apt/apt.conf.d/*').filter(file => readFileSync(file, 'utf8').includes('Acquire'))) {
      cpSync(file, join(root, file))
    }
    if (existsSync(bundlePath)) cpSync(bundlePath, join(root, bundlePath), { dereference: true })
    return root
  }
}

/** Debian's file of the authorities that are trusted, and here perhaps one more. */
const bundlePath = '/etc/ssl/certs/ca-certificates.crt'

/** What this machine's npm is told by its environment; nothing on a machine without. */
function machineVariables (): string[] {
  return process.env['NODE_EXTRA_CA_CERTS'] === undefined ? [] : [`ENV NODE_EXTRA_CA_CERTS=${bundlePath}`]
}

/** Of npm's settings only this one: its files may hold secrets, which no image may. */
async function registryOfNpm (): Promise<string> {
  const { stdout } = await execute('npm', ['config', 'get', 'registry'])
  return stdout.trim()
}

async function installInto (root: string, packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await execute('chroot', [root, 'apt-get', 'update', '-qq'], { ...options, env })
  const flags = ['-y', '-qq', '--no-install-recommends']
  await execute('chroot', [root, 'apt-get', 'install', ...flags, ...packages], { ...options, env })
  await execute('chroot', [root, 'apt-get', 'clean'], { ...options, env })
}

/** Node as the project's scripts have it, and the npm of this machine. */
function copyNode (root: string): void {
  const npm = globSync(['/usr/lib/node_modules/npm', '/usr/local/lib/node_modules/npm'])[0]
  if (npm === undefined) throw new Error('expected npm below /usr/lib or /usr/local/lib, found none')
  mkdirSync(join(root, 'usr/local/lib/node_modules'), { recursive: true })
  cpSync(nodeBinary, join(root, 'usr/local/bin/node'))
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
}
