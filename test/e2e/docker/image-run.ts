import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { deliveredLines } from '../../support/delivered.ts'
import type { SentRecord } from '../../support/forward-frames.ts'
import { sendRecords } from '../../support/sender.ts'
import type { ExitReport } from '../../support/sluice-process.ts'
import { until } from '../../support/until.ts'
import { BaseImages } from './base-image.ts'
import { composeDifferences } from './compose.ts'
import { profileDifferences } from './compose-profiles.ts'
import { startDocker, type Docker } from './daemon.ts'
import { runPhase, say } from './phase.ts'
import { installBootstrap, installCompose } from './programs.ts'
import type { Undo } from './undo.ts'

const checkout = resolve(import.meta.dirname, '../../..')
/** Lines of every class, no two alike. */
function linesOf (count: number): SentRecord[] {
  return Array.from({ length: count }, (_, index) => [
    ['stdout', `{"status":200,"path":"/${index}"}`], ['stderr', `PHP Warning:  oops ${index}`], ['stdout', `hello ${index}`],
  ]).flat().map(([source = '', log = '']) => ({ timeMs: Date.now(), fields: { source, log, container_name: '/web' } }))
}

/** Ours, and the two that were made for Fluent Bit. */
const checks = [
  'sluice healthcheck',
  'curl -sf http://127.0.0.1:2020/api/v1/uptime',
  "echo '{\"health\":\"check\"}' | nc 127.0.0.1 8877",
] as const

interface Task {
  readonly user: string
  /** The socket lies in the volume of the spool; else it has a volume of its own, as with FireLens. */
  readonly hasOneVolume: boolean
}

/** The image as a task runs it: nothing of it can be written, lines in by the socket, files out, a stop by SIGTERM. */
async function runAsTask (docker: Docker, image: string, task: Task, directory: string): Promise<string[]> {
  const { user, hasOneVolume } = task
  const data = join(directory, 'data')
  const run = hasOneVolume ? data : join(directory, 'run')
  const [uid = 0, gid = uid] = user.split(':').map(Number)
  for (const path of new Set([data, run])) {
    mkdirSync(path, { recursive: true })
    // As the container agent does for a task definition with a user.
    chownSync(path, uid, gid)
  }
  const name = `sluice-e2e-${process.pid}-${basename(directory)}`
  const socket = hasOneVolume
    ? ['--env', 'SLUICE_UNIX_SOCKET=/var/lib/sluice/fluent.sock']
    : ['--volume', `${run}:/var/run`]
  await docker.run('run', '--detach', '--name', name, '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges',
    '--network', 'none', '--user', user, '--stop-timeout', '30', '--volume', `${data}:/var/lib/sluice`, ...socket,
    '--env', 'SLUICE_TCP=off', '--env', 'SLUICE_HOST_ID=task1', '--env', 'SLUICE_FIRELENS_HEALTH_INPUT=127.0.0.1:8877', image)
  const wrong: string[] = []
  const must = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) wrong.push(`${user}: ${what}: expected ${String(wanted)}, found ${String(found)}`)
  }
  try {
    await until('it listens', () => docker.run('logs', name), text => text.includes('"started"'))
    const sent = linesOf(500)
    await sendRecords(join(run, 'fluent.sock'), sent)
    for (const check of checks) await docker.run('exec', name, 'sh', '-c', check)
    must('health', await until('it is healthy', () => docker.run('inspect', '--format', '{{.State.Health.Status}}', name),
      status => status !== 'starting'), 'healthy')
    // As the container's own user: root in it may not look at the processes of another.
    must('process 1', await docker.run('exec', name, 'readlink', '/proc/1/exe'), '/usr/local/bin/node')
    must('changed files', (await docker.run('diff', name)).replace(/^[AC] \/(?:var|var\/run|run|var\/lib|var\/lib\/sluice)$/gm, '').trim(), '')
    await docker.run('stop', name)
    must('exit code', await docker.run('inspect', '--format', '{{.State.ExitCode}}', name), '0')
    const log = await docker.run('logs', name)
    const report = JSON.parse(log.split('\n').find(line => line.includes('"exit report"')) ?? '{}') as Partial<ExitReport>
    must('balanced', report.balanced, true)
    must('received', report.received, sent.length)
    must('delivered', report.delivered, sent.length)
    const delivered = deliveredLines(data)
    const access = sent.map(({ fields }) => fields['log'] ?? '').filter(line => line.startsWith('{'))
    must('access lines as they were sent', delivered.access.toSorted().join() === access.toSorted().join(), true)
    must('error lines', delivered.error.length, 500)
    must('app lines', delivered.app.length, 500)
  } finally {
    await docker.run('rm', '--force', name)
  }
  return wrong
}

async function run (undo: Undo): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-image-'))
  undo.add(directory, () => { rmSync(directory, { recursive: true, force: true }) })
  await installBootstrap(say)
  await installCompose(say)
  const docker = await startDocker(directory, undo, say)
  say(`uses ${docker.name}`)
  const images = new BaseImages(docker, join(directory, 'bases'), undo, say)
  await images.import({ name: 'node:24-slim', hasNode: true })
  const image = `sluice-e2e:${process.pid}`
  await docker.run('build', '--network', 'host', '--tag', image, '--build-arg', 'VERSION=1.2.3', checkout)
  const size = await docker.run('image', 'inspect', '--format', '{{.Size}}', image)
  const base = await docker.run('image', 'inspect', '--format', '{{.Size}}', 'node:24-slim')
  say(`built: ${megabytes(size)} MB, of which the base is ${megabytes(base)} MB`)
  const wrong: string[] = []
  const label = await docker.run('image', 'inspect', '--format', '{{index .Config.Labels "org.opencontainers.image.version"}}', image)
  if (label !== '1.2.3') wrong.push(`expected the label of the version, found ${label}`)
  const source = await docker.run('image', 'inspect', '--format', '{{index .Config.Labels "org.opencontainers.image.source"}}', image)
  if (!source.startsWith('https://')) wrong.push(`expected the label of the source, found ${source}`)
  say(`sluice ${await docker.run('run', '--rm', '--network', 'none', image, '--version')}`)
  await docker.run('run', '--rm', '--network', 'none', '--read-only', '--user', '4321', image, 'check')
  for (const user of ['0', '1234:1234']) {
    for (const hasOneVolume of [false, true]) {
      const own = `as-${user.replace(':', '-')}${hasOneVolume ? '-in-one-volume' : ''}`
      wrong.push(...await runAsTask(docker, image, { user, hasOneVolume }, join(directory, own)))
      say(`ran ${own}`)
    }
  }
  wrong.push(...await composeDifferences(docker, images, say))
  wrong.push(...await profileDifferences(docker, images, directory))
  return wrong
}

function megabytes (bytes: string): string {
  return (Number(bytes) / 1e6).toFixed(0)
}

await runPhase('the image takes, delivers and stops as it should', run)
