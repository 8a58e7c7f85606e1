import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { deliveredLines } from '../../support/delivered.ts'
import { latin1Lines } from '../../support/lines.ts'
import { startSluice } from '../../support/sluice-process.ts'
import { differences, expectedOf, isAccessLine } from './compare.ts'
import { Containers } from './containers.ts'
import { runningDocker, startDocker, type Docker } from './daemon.ts'
import { errorDifferences } from './errors.ts'
import { fieldDifferences } from './fields.ts'
import { importImage, seesFiles } from './image.ts'
import { writeHostileLines } from './lines.ts'
import { freePort, runPhase, say } from './phase.ts'
import { installServers } from './programs.ts'
import { createRequests } from './request.ts'
import { hostileRequests } from './requests.ts'
import { drive, untilAnswered } from './traffic.ts'
import type { Undo } from './undo.ts'

/** Longest write to a pipe that no other can come between. Source: https://man7.org/linux/man-pages/man7/pipe.7.html */
const pipeBytes = 4_096

/** A daemon whose containers see this machine's files, with the image in it. */
async function dockerWith (image: string, directory: string, undo: Undo): Promise<Docker> {
  const running = await runningDocker()
  for (const start of [async () => running, async () => await startDocker(directory, undo, say)]) {
    const docker = await start()
    if (docker === undefined) continue
    undo.add('the image', async () => await docker.run('image', 'rm', '--force', image))
    await importImage(docker, image, mkdtempSync(join(directory, 'image-')))
    if (await seesFiles(docker, image, directory)) return docker
    say(`${docker.name} does not see the files of this machine`)
  }
  throw new Error('expected a Docker daemon that sees the files of this machine')
}

/** Lines without what is taken off each: carriage returns at its end, and spaces where it has nothing else. */
function withoutEnds (bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\r+$/gm, '').replace(/^[ \t]+$/gm, ''), 'latin1')
}

/**
 * Real Apache and PHP, under hostile requests, through a real Docker daemon's log driver, into Sluice: every line that
 * they wrote must be delivered once, in the right class.
 *
 * @param keep a directory for what was written and delivered, to look at afterwards
 * @returns what is wrong
 */
async function run (undo: Undo, keep: string | undefined): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-e2e-'))
  undo.add(directory, () => { rmSync(directory, { recursive: true, force: true }) })
  const programs = await installServers(say)
  const image = `sluice-e2e-${process.pid}`
  const docker = await dockerWith(image, directory, undo)
  say(`uses ${docker.name}`)

  // Every line is compared, those too that are left out or redacted unless set otherwise.
  const sluice = startSluice(undo, {
    env: {
      SLUICE_HEALTH_CHECKS_FILTER: 'off',
      SLUICE_REDACT_PRESET: 'none',
      // The longest lines of the containers are whole.
      SLUICE_JOIN_PARTIALS_MAX_BYTES: '1MiB',
      SLUICE_JOIN_TRACES_MAX_BYTES: '1MiB',
    },
  })
  await sluice.printed(/"started"/)
  const containers = new Containers({ docker, image, socketPath: sluice.socketPath, directory, undo })
  const ports = { web: await freePort(), front: await freePort() }
  const common = { SITE_CONFIG: '/site/apache', FPM_SOCKET: '/shared/fpm.sock', PHP_INI_SCAN_DIR: ':/site/php' }
  const apache = (configuration: string) => ['apache2', '-D', 'FOREGROUND', '-f', `/site/apache/${configuration}`, '-c', 'Include /e2e/private.conf']
  writeHostileLines(join(directory, 'shared/lines'))
  await Promise.all([
    containers.start('fpm', { command: [programs.fpm, '-F', '-y', '/site/php/php-fpm.conf'], env: common }),
    containers.start('web', {
      command: apache('mod-php.conf'),
      env: { ...common, SITE_PORT: String(ports.web), SITE_LOGS: '/site/apache/logs.conf', PHP_MODULE: programs.phpModule },
    }),
    containers.start('front', {
      command: apache('php-fpm.conf'),
      env: { ...common, SITE_PORT: String(ports.front), SITE_LOGS: '/e2e/pasted-logs.conf' },
    }),
    containers.start('writer', { command: ['sh', '-c', 'cat /shared/lines; cat /shared/lines >&2'] }),
  ])
  say('containers run')
  const healthy = createRequests('start')({ path: '/health.php', userAgent: 'ELB-HealthChecker/2.0' })
  await Promise.all(Object.values(ports).map(async port => { await untilAnswered(port, healthy) }))
  const requests = { web: hostileRequests('web'), front: hostileRequests('front') }
  say(`sends ${requests.web.length} requests to each server`)
  const [modPhp, fpm] = await Promise.all([drive(ports.web, requests.web), drive(ports.front, requests.front)])
  say(`answered: ${modPhp.answeredCount} by mod_php, ${fpm.answeredCount} by php-fpm; not: ${modPhp.silentCount}, ${fpm.silentCount}`)
  await containers.stop()
  say('containers ended')
  sluice.kill('SIGTERM')
  const exitCode = await sluice.exited
  say('Sluice ended')

  const report = sluice.report()
  const witnesses = containers.witnesses()
    .map(({ stdout, stderr, ...rest }) => ({ ...rest, stdout: withoutEnds(stdout), stderr: withoutEnds(stderr) }))
  const expected = expectedOf(witnesses)
  const delivered = deliveredLines(sluice.dataDir)
  const errors = errorDifferences(witnesses, delivered.error)
  const wrong = [...differences(expected, delivered), ...errors.found]
  const must = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) wrong.push(`${what}: expected ${String(wanted)}, found ${String(found)}`)
  }
  must('exit code', exitCode, 0)
  must('balanced', report.balanced, true)
  must('pending', report.pending, 0)
  must('dropped', report.dropped, 0)
  must('rejected', report.rejected, 0)
  must('received', report.received, expected.frameCount)
  // A record at which a stage of ours fails goes on as it came, so it would be found in a class that is not its own.
  must('records that could not be processed', sluice.output().includes('could not be processed'), false)
  const tornOf = (container: string) => {
    return expected.counts.reduce((sum, each) => sum + (each.container === container ? each.torn : 0), 0)
  }
  must('joined', report.joined, expected.joinedCount + errors.joinedCount)
  must('filtered', report.filtered, expected.emptyCount - errors.blankCount)
  must('delivered', report.delivered, Object.values(delivered).reduce((sum, { length }) => sum + length, 0))
  say(`${errors.traceCount} traces of several lines are one record each; ${errors.interleavedCount} had others in between`)
  if (errors.traceCount < 2) wrong.push(`expected traces of several lines, found ${errors.traceCount}`)
  for (const [container, format] of [
    ['web', { isCut: true, isDecoded: false }], ['front', { isCut: false, isDecoded: true }],
  ] as const) {
    const result = fieldDifferences(delivered.access, requests[container], format)
    say(`${container}: ${result.comparedCount} access lines say what was sent`)
    must(`${container}: access lines that are no JSON`, result.brokenCount, 0)
    const unseen = result.unseen.filter(traceId => !expected.torn.some(line => line.includes(`"${traceId}"`)))
    // A torn line may be torn in its trace id.
    if (unseen.length > tornOf(container)) wrong.push(`${container}: no access line of ${unseen.join(' ')}`)
    wrong.push(...result.found.map(text => `field of ${text}`))
  }
  const web = witnesses.find(({ container }) => container === 'web')
  const longest = Math.max(...latin1Lines(web?.stdout ?? Buffer.alloc(0)).filter(isAccessLine).map(line => line.length))
  say(`web: the longest access line has ${longest} bytes`)
  if (!(longest < pipeBytes)) wrong.push(`expected access lines of ${pipeBytes - 1} bytes at most, found ${longest}`)
  must('torn lines of web', tornOf('web'), 0)

  console.table(expected.counts)
  const { received, delivered: deliveredCount, filtered, joined, pending, dropped, rejected, balanced } = report
  console.table([{ received, delivered: deliveredCount, filtered, joined, rejected, dropped, pending, balanced }])
  if (keep !== undefined) {
    cpSync(join(directory, 'witness'), join(keep, 'witness'), { recursive: true })
    cpSync(sluice.dataDir, join(keep, 'data'), { recursive: true })
  }
  return wrong
}

const { values: { keep } } = parseArgs({ options: { keep: { type: 'string' } } })
await runPhase('every line that was written is delivered once', async undo => await run(undo, keep))
