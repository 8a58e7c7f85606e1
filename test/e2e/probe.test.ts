import t from 'tap'
import { startSluice } from '../support/sluice-process.ts'
import { bucket, group, startWorld } from './aws-world.ts'

t.setTimeout(600_000)

t.test('a probe does once what the service does, and says of each destination what AWS says', async t => {
  const { aws } = await startWorld(t)
  const check = async (env: Readonly<Record<string, string>> = {}) => {
    const sluice = startSluice(t, {
      args: ['check', '--probe'],
      env: { ...aws.environment, SLUICE_BUCKET: bucket, SLUICE_LOG_GROUP: group, SLUICE_PREFIX: 'production/', ...env },
    })
    return { code: await sluice.exited, said: sluice.output().replace(/[^]*# what AWS says\n/, '').trimEnd().split('\n') }
  }
  const allowed = [
    `# ok: s3:PutObject on arn:aws:s3:::${bucket}/production/*`,
    `# ok: logs:CreateLogStream, logs:PutLogEvents on arn:aws:logs:us-east-1:*:log-group:${group}:*`,
  ]
  t.same(await check(), { code: 0, said: allowed })
  t.same(await check(), { code: 0, said: allowed }, 'that the object is there already is as good')
  t.same(aws.state.objects(bucket).map(({ key }) => key), ['production/.sluice-probe'])
  t.same(aws.state.puts(bucket).map(({ outcome }) => outcome), ['stored', 'PreconditionFailed'])
  t.same(aws.state.streams(), [[group, 'sluice-probe']])
  t.match(aws.state.events(group, 'sluice-probe'), [{ message: /^sluice [\d.]+ probe$/ }, {}])
  t.same(aws.state.violations, [])

  aws.faults.set('s3', { mode: 'denied' })
  aws.state.deleteGroup(group)
  const { code, said } = await check()
  t.equal(code, 1)
  t.match(said, [
    /^# refused: S3 in us-east-1 denies access \(AccessDenied\): allow s3:PutObject on/,
    /^# refused: log group \/ecs\/shop\/error does not exist in us-east-1: create it there/,
  ])
  aws.faults.clear()
  t.match((await check({ SLUICE_BUCKET: 'not-there' })).said, [/^# refused: bucket not-there does not exist/, /./])
})

t.test('where nothing goes to AWS, nothing is asked', async t => {
  const sluice = startSluice(t, { args: ['check', '--probe'] })
  t.equal(await sluice.exited, 0)
  t.match(sluice.output(), /# what AWS says\n$/)
})
