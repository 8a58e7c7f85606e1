import t from 'tap'
import { callsOf, filesByRole } from '../ecs/aws-calls.ts'
import { startAws } from '../support/aws/server.ts'
import { sendRecords } from '../support/sender.ts'
import { startSluice } from '../support/sluice-process.ts'

t.test('a Sluice that does everything it may makes the calls that the source names, and no others', async t => {
  const kmsKeyId = 'alias/logs'
  const aws = await startAws({ buckets: ['shop-logs'] })
  t.teardown(() => aws.close())
  const sluice = startSluice(t, {
    env: {
      ...aws.environment,
      SLUICE_BUCKET: 'shop-logs',
      SLUICE_LOG_GROUP: '/ecs/shop/error',
      SLUICE_CLOUDWATCH_CREATE_GROUP: 'true',
      SLUICE_CLOUDWATCH_RETENTION_DAYS: '30',
      SLUICE_S3_KMS_KEY_ID: kmsKeyId,
      SLUICE_JOIN_TRACES_MAX_QUIET: '10ms',
      SLUICE_STOP_QUIET: '100ms',
    },
  })
  await sluice.printed(/"msg":"started"/)
  const record = (source: string, log: string) => ({ timeMs: Date.now(), fields: { source, log, container_name: '/web' } })
  await sendRecords(sluice.socketPath, [record('stdout', '{"status":200,"path":"/"}'), record('stderr', 'PHP Warning:  x')])
  await aws.state.until(() => aws.state.outcomes('PutLogEvents')['ok'] !== undefined)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { received: 2, delivered: 2 })
  const operations = aws.state.tally.operations().map(({ operation }) => `${operation}Command`).sort()
  // Only `sluice check --probe` asks who it is.
  const named = callsOf(filesByRole().task).names.filter(name => name.endsWith('Command') && name !== 'GetCallerIdentityCommand')
  t.same(operations, named)
})
