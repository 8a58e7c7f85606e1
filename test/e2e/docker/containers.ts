import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Docker } from './daemon.ts'
import { hostFolders } from './image.ts'
import type { Undo } from './undo.ts'

const site = resolve(import.meta.dirname, '../../../docker/apache-php')

export interface ContainersOptions {
  readonly docker: Docker
  readonly image: string
  /** Of Sluice. */
  readonly socketPath: string
  /** Of the run: what the containers share and what they wrote is below it. */
  readonly directory: string
  readonly undo: Undo
}

export interface ContainerOptions {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What a container wrote, beside what Docker sent of it. */
export interface Witness {
  readonly container: string
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Containers whose stdout and stderr go through Docker's `fluentd` log driver, as the container agent sets it up. */
export class Containers {
  readonly #options: ContainersOptions
  readonly #names: string[] = []

  constructor (options: ContainersOptions) {
    this.#options = options
    mkdirSync(join(options.directory, 'shared'), { recursive: true })
  }

  async start (name: string, { command, env = {} }: ContainerOptions): Promise<void> {
    const { docker, image, socketPath, directory, undo } = this.#options
    const witness = join(directory, 'witness', name)
    mkdirSync(witness, { recursive: true })
    const volumes = [
      ...hostFolders.map(folder => `${folder}:${folder}:ro`),
      `${site}:/site:ro`,
      `${join(site, 'htdocs')}:/var/www/html:ro`,
      `${join(import.meta.dirname, 'site')}:/e2e:ro`,
      `${join(directory, 'shared')}:/shared`,
      `${witness}:/witness`,
    ]
    const driver = {
      'fluentd-address': `unix://${socketPath}`,
      'fluentd-sub-second-precision': 'true',
      tag: `${name}-firelens-e2e`,
    }
    const fullName = this.#fullName(name)
    undo.add(fullName, async () => await docker.run('rm', '--force', fullName))
    await docker.run('run', '--detach', '--name', fullName, '--network', 'host', '--log-driver', 'fluentd',
      ...Object.entries(driver).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]),
      ...volumes.flatMap(volume => ['--volume', volume]),
      ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      image, '/e2e/witnessed.sh', ...command)
    this.#names.push(name)
  }

  /** Resolves when every container has ended, which is when Docker has sent the last of its lines. */
  async stop (): Promise<void> {
    const { docker } = this.#options
    await Promise.all(this.#names.map(async name => {
      const fullName = this.#fullName(name)
      await docker.run('stop', '--time', '10', fullName)
      const code = await docker.run('wait', fullName)
      // 137: it did not end by itself, and what it wrote last is lost.
      if (code === '137') throw new Error(`expected container ${name} to end at SIGTERM`)
    }))
  }

  witnesses (): Witness[] {
    const read = (name: string, stream: string) => readFileSync(join(this.#options.directory, 'witness', name, stream))
    return this.#names.map(name => ({ container: name, stdout: read(name, 'stdout'), stderr: read(name, 'stderr') }))
  }

  #fullName (name: string): string {
    return `${this.#options.image}-${name}`
  }
}
