import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { BaseImages } from './base-image.ts'
import type { Docker } from './daemon.ts'

const smoke = resolve(import.meta.dirname, '../../../docker/smoke.sh')

/** What the official image has beyond Debian's packages, as far as docker/apache-php and the compose file use it. */
const apacheForeground = `#!/bin/sh
set -e
. /etc/apache2/envvars
mkdir -p "$APACHE_RUN_DIR" "$APACHE_LOCK_DIR"
rm -f "$APACHE_PID_FILE"
exec apache2 -DFOREGROUND "$@"
`

/**
 * Runs docker/smoke.sh, and so docker/compose.yaml itself, on stand-ins for the images that it is built on.
 *
 * @returns what is wrong
 */
export async function composeDifferences (
  docker: Docker, images: BaseImages, say: (text: string) => void
): Promise<string[]> {
  await images.import({
    name: 'php:8.3-apache',
    packages: ['apache2', 'libapache2-mod-php', 'php-cli'],
    files: { '/usr/local/bin/apache2-foreground': apacheForeground, '/usr/local/etc/php/conf.d/README': '' },
    changes: ['ENV PHP_INI_SCAN_DIR=:/usr/local/etc/php/conf.d', 'WORKDIR /var/www/html', 'CMD ["apache2-foreground"]'],
  })
  const child = spawn(smoke, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      DOCKER_HOST: docker.address,
      COMPOSE: 'docker-compose',
      // Without BuildKit's client, the builds reach the registries by the network of the machine.
      DOCKER_BUILDKIT: '0',
      COMPOSE_EXTRA: `-f ${join(import.meta.dirname, 'compose-build.yaml')}`,
    },
  })
  const [code] = await once(child, 'exit') as [number | null]
  say(`docker/smoke.sh ended with ${String(code)}`)
  return code === 0 ? [] : ['docker/smoke.sh found that lines are missing, or failed']
}
