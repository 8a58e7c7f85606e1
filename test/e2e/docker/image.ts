import { copyFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Docker } from './daemon.ts'
import { execute } from './programs.ts'

/** What an image made here needs of the host besides its own few files. */
export const hostFolders = ['/usr', '/etc/php'] as const

/**
 * Imports an image without pulling one: a root of a few empty folders and copied files, whose programs are the host's
 * own, mounted at run time.
 */
export async function importImage (docker: Docker, name: string, directory: string): Promise<void> {
  const root = join(directory, 'root')
  for (const folder of ['dev', 'etc', 'e2e', 'proc', 'run', 'site', 'sys', 'tmp', 'usr', 'var/www', 'witness']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  chmodSync(join(root, 'tmp'), 0o1777)
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(root, folder))
  symlinkSync('../run', join(root, 'var/run'))
  for (const file of ['passwd', 'group', 'mime.types', 'ld.so.cache']) {
    copyFileSync(join('/etc', file), join(root, 'etc', file))
  }
  writeFileSync(join(root, 'etc/hosts'), '')
  const archive = join(directory, 'root.tar')
  await execute('tar', ['--create', '--file', archive, '--directory', root, '--owner=0', '--group=0', '.'])
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'
  await docker.run('import', '--change', `ENV PATH=${path}`, archive, name)
}

/** Whether containers see the files of this machine as they are here: with a daemon elsewhere they do not. */
export async function seesFiles (docker: Docker, image: string, directory: string): Promise<boolean> {
  const folder = join(directory, 'probe')
  const mark = String(process.pid)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'mark'), mark)
  const volumes = [...hostFolders.map(each => `${each}:${each}:ro`), `${folder}:/witness:ro`]
  try {
    const flags = volumes.flatMap(volume => ['--volume', volume])
    return await docker.run('run', '--rm', '--network', 'none', ...flags, image, 'cat', '/witness/mark') === mark
  } catch {
    // The reason does not matter: this daemon does not do.
    return false
  }
}
