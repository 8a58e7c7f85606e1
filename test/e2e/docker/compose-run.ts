import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BaseImages } from './base-image.ts'
import { startDocker } from './daemon.ts'
import { execute, installBootstrap, installCompose } from './programs.ts'
import { Undo } from './undo.ts'

const checkout = resolve(import.meta.dirname, '../../..')
const startedMs = Date.now()
const say = (text: string) => {
  process.stdout.write(`${((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${text}\n`)
}

/** What docker/apache-php/Dockerfile and its container need of the PHP project's image, on Debian's Apache and PHP. */
const php = {
  name: 'php:8.3-apache',
  packages: ['apache2', 'libapache2-mod-php'],
  files: { '/usr/local/bin/apache2-foreground': '#!/bin/sh\n. /etc/apache2/envvars\nmkdir -p "$APACHE_RUN_DIR"\nexec apache2 -DFOREGROUND\n' },
  changes: [
    'ENV PHP_INI_SCAN_DIR=:/usr/local/etc/php/conf.d', 'WORKDIR /var/www/html', 'STOPSIGNAL SIGWINCH', 'CMD ["apache2-foreground"]',
  ],
}

/** docker/compose.yaml itself, by docker/smoke.sh, on a daemon that has stand-ins for the images it would pull. */
async function run (undo: Undo): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-compose-'))
  undo.add(directory, () => { rmSync(directory, { recursive: true, force: true }) })
  await installBootstrap(say)
  await installCompose(say)
  const docker = await startDocker(directory, undo, say)
  say(`uses ${docker.name}`)
  const images = new BaseImages(docker, directory, say)
  await images.import({ name: 'node:24-slim', hasNode: true })
  await images.import(php)
  const { stdout } = await execute(join(checkout, 'docker/smoke.sh'), [
    '--override', join(import.meta.dirname, 'compose.override.yaml'),
  ], { env: { ...process.env, DOCKER_HOST: docker.address }, timeout: 600_000, maxBuffer: 64 * 1024 * 1024 })
  say(stdout.split('\n').filter(line => /^(ok|sent)/.test(line)).join('\n         '))
}

const undo = new Undo()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => { void undo.all().then(() => process.exit(1)) })
}
try {
  await run(undo)
  say('the compose file starts, takes, delivers and stops as it should')
} finally {
  await undo.all()
}
