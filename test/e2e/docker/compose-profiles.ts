import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { defaultAccount } from '../../support/aws/server.ts'
import type { ExitReport } from '../../support/sluice-process.ts'
import { until } from '../../support/until.ts'
import type { BaseImages } from './base-image.ts'
import { watchedOnPage } from './compose-page.ts'
import type { Docker } from './daemon.ts'
import { freePort, say } from './phase.ts'
import { execute } from './programs.ts'

const checkout = resolve(import.meta.dirname, '../../..')
const requestCount = 40
const token = 'a-token-of-this-run'

/**
 * Runs the profiles `aws` and `monitoring` of docker/compose.yaml at once, on the images that docker/smoke.sh built:
 * lines through Apache, the log driver and Sluice to what stands in for moto, and Prometheus looking on.
 *
 * moto itself cannot be had from the registries that this is run with: our own stand-in of AWS takes its place, which
 * is stricter, and has bucket and group from the start, so that `moto-setup` is left out. Nor can Grafana.
 *
 * @returns what is wrong
 */
export async function profileDifferences (docker: Docker, images: BaseImages, directory: string): Promise<string[]> {
  await importStandIns(images)
  const delivered = join(directory, 'delivered')
  mkdirSync(delivered)
  const names = ['WEB_PORT', 'SLUICE_FORWARD_PORT', 'SLUICE_HTTP_PORT', 'PROMETHEUS_PORT'] as const
  const ports = Object.fromEntries(await Promise.all(names.map(async name => [name, await freePort()]))) as
    Record<typeof names[number], number>
  const env = {
    ...process.env,
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    DOCKER_HOST: docker.address,
    COMPOSE_PROJECT_NAME: `sluice-profiles-${process.pid}`,
    SMOKE_DELIVERED: delivered,
    LOAD_REQUESTS: String(requestCount),
    SLUICE_HTTP_TOKEN: token,
    AWS_ACCESS_KEY_ID: defaultAccount.accessKeyId,
    AWS_SECRET_ACCESS_KEY: defaultAccount.secretAccessKey,
  }
  const files = ['compose.yaml', 'smoke.yaml'].flatMap(file => ['--file', join(checkout, 'docker', file)])
  const flags = [...files, '--env-file', join(checkout, 'docker/aws.env'), '--profile', 'aws', '--profile', 'monitoring']
  const compose = async (...args: readonly string[]) => {
    const options = { env, cwd: join(checkout, 'docker'), timeout: 300_000, maxBuffer: 16 * 1024 * 1024 }
    return (await execute('docker-compose', [...flags, ...args], options)).stdout.trim()
  }
  try {
    await compose('up', '--detach', '--no-build', 'sluice', 'web', 'moto', 'prometheus')
    const { wrong, driven: sent } = await watchedOnPage(ports.SLUICE_HTTP_PORT, token, async () =>
      JSON.parse((await compose('run', '--rm', '--no-deps', 'load')).split('\n').at(-1) ?? '') as Sent)
    const told = await compose('run', '--rm', '--no-deps', 'look')
    if (!told.includes(`http://127.0.0.1:${ports.SLUICE_HTTP_PORT}/`)) wrong.push(`expected the link to the page, found ${told}`)
    say(`asked for: ${JSON.stringify(sent.counts)}`)
    await until('Prometheus scrapes Sluice by its name', async () => await upOf(ports.PROMETHEUS_PORT), value => value === '1')
    await compose('stop', 'web')
    await compose('stop', 'sluice')
    const state = JSON.parse(await compose('exec', '-T', 'moto', 'node', '-e',
      "fetch('http://127.0.0.1:5000/__state').then(async answer => console.log(await answer.text()))")) as State
    const log = await compose('logs', '--no-color', 'sluice')
    const report = JSON.parse(/\{.*"exit report".*\}/.exec(log)?.[0] ?? '{}') as Partial<ExitReport>
    return [...wrong, ...differencesOf(sent, state, report)]
  } finally {
    await compose('down', '--volumes', '--remove-orphans')
  }
}

interface Sent { readonly counts: Readonly<Record<string, number>> }

interface State {
  readonly violations: readonly unknown[]
  readonly buckets: readonly { readonly name: string, readonly objectCount: number }[]
  readonly groups: readonly { readonly name: string, readonly streams: readonly { readonly eventCount: number }[] }[]
}

function differencesOf (sent: Sent, { violations, buckets, groups }: State, report: Partial<ExitReport>): string[] {
  const answered = Object.entries(sent.counts).reduce((sum, [status, count]) => sum + (status === 'none' ? 0 : count), 0)
  const events = groups.flatMap(({ streams }) => streams).reduce((sum, { eventCount }) => sum + eventCount, 0)
  const { access = 0, error = 0 } = report.by?.['delivered'] ?? {}
  const wrong: string[] = []
  const must = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) wrong.push(`profile aws: ${what}: expected ${String(wanted)}, found ${String(found)}`)
  }
  must('balanced', report.balanced, true)
  must('pending', report.pending, 0)
  must('at least an access line for each answer', access >= answered && answered > 0, true)
  must('errors', error > 0, true)
  must('events in the group', events, error)
  must('objects in the bucket', (buckets[0]?.objectCount ?? 0) > 0, true)
  must('requests that AWS would refuse', violations.length, 0)
  say(`${access} access lines in ${String(buckets[0]?.objectCount)} objects, ${events} error events`)
  return wrong
}

async function upOf (port: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent('up{job="sluice"}')}`)
    const { data } = await answer.json() as { data: { result: { value: [number, string] }[] } }
    return data.result[0]?.value[1]
  } catch {
    // Not listening yet: `until` asks again, and says so in the end.
    return undefined
  }
}

const askItself = `#!/bin/sh
exec node -e "fetch('http://127.0.0.1:5000/__state')"
`

async function importStandIns (images: BaseImages): Promise<void> {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [join(checkout, 'scripts/aws.ts')], bundle: true, platform: 'node', target: 'node24', format: 'esm', write: false,
  })
  await images.import({
    name: 'motoserver/moto:5.1.22',
    hasNode: true,
    // The health check of the compose file calls moto's Python.
    files: { '/aws.mjs': bundle?.text ?? '', '/usr/local/bin/python': askItself },
    changes: ['ENTRYPOINT ["node","/aws.mjs","--host","0.0.0.0","--port","5000","--bucket","shop-logs","--group","/shop/error"]'],
  })
  await images.import({
    name: 'prom/prometheus:v3.5.0', packages: ['prometheus'], changes: ['ENTRYPOINT ["/usr/bin/prometheus"]'],
  })
}
