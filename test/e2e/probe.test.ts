import t, { type Test } from 'tap'
import { runCheck } from '../../src/cli/check.ts'
import { startSluice } from '../support/sluice-process.ts'
import { bucket, group, startWorld } from './aws-world.ts'

t.setTimeout(600_000)

/** A stand-in of AWS, and what a probe of it says. */
async function startProbe (t: Test, own: Readonly<Record<string, string>>) {
  const { aws } = await startWorld(t)
  const check = async (env: Readonly<Record<string, string>> = {}) => {
    const names = { SLUICE_BUCKET: bucket, SLUICE_LOG_GROUP: group, SLUICE_PREFIX: 'production/' }
    const sluice = startSluice(t, { args: ['check', '--probe'], env: { ...aws.environment, ...names, ...own, ...env } })
    return { code: await sluice.exited, said: sluice.output().replace(/[^]*# what AWS says\n/, '').trimEnd().split('\n') }
  }
  return { aws, check }
}

t.test('a probe does once what the service does, and says of each destination what AWS says', async t => {
  const { aws, check } = await startProbe(t, {})
  const logs = `arn:aws:logs:us-east-1:*:log-group:${group}:*`
  const who = '# ok: AWS takes this for arn:aws:sts::123456789012:assumed-role/stand-in/AKIDSLUICE of account 123456789012'
  const allowed = [
    who,
    `# ok: s3:PutObject on arn:aws:s3:::${bucket}/production/*`,
    `# ok: logs:CreateLogStream on ${logs}`,
    `# ok: logs:PutLogEvents on ${logs}`,
  ]
  t.same(await check(), { code: 0, said: allowed })
  t.same(await check(), { code: 0, said: allowed }, 'that the object is there already is as good')
  t.same(aws.state.objects(bucket).map(({ key }) => key), ['production/.sluice-probe'])
  t.same(aws.state.puts(bucket).map(({ outcome }) => outcome), ['stored', 'PreconditionFailed'])
  t.same(aws.state.streams(), [[group, 'sluice-probe']])
  t.match(aws.state.events(group, 'sluice-probe'), [{ message: /^sluice [\d.]+ probe$/ }, {}])
  t.same(aws.state.violations, [])

  aws.faults.set('logs', { mode: 'denied', operation: 'CreateLogStream' })
  t.match(await check(), {
    code: 1,
    said: [who, /^# ok/, /^# refused: CloudWatch Logs in us-east-1 denies access \(AccessDeniedException\): allow logs:CreateLogStream on/, /^# ok/],
  }, 'the stream is there, and the permission is asked for all the same')

  aws.faults.clear()
  aws.faults.set('s3', { mode: 'denied' })
  aws.state.deleteGroup(group)
  const { code, said } = await check()
  t.equal(code, 1)
  t.match(said, [
    who,
    /^# refused: S3 in us-east-1 denies access \(AccessDenied\): allow s3:PutObject on/,
    /^# refused: log group \/ecs\/shop\/error does not exist in us-east-1: create it there/,
  ])
  aws.faults.clear()
  t.match((await check({ SLUICE_BUCKET: 'not-there' })).said, [who, /^# refused: bucket not-there does not exist/, /./])
})

t.test('who may make the group is asked for that each time, and for its retention where it is made', async t => {
  const { aws, check } = await startProbe(t, { SLUICE_CLOUDWATCH_CREATE_GROUP: 'on', SLUICE_CLOUDWATCH_RETENTION_DAYS: '30' })
  aws.state.deleteGroup(group)
  const words = async () => (await check()).said.map(each => each.replace(/ on arn.*/, ''))
  const bucketAndWho = [/^# ok: AWS takes this for /, /^# ok: s3:PutObject/]
  const [created, retained, stream, put] = [
    '# ok: logs:CreateLogGroup', '# ok: logs:PutRetentionPolicy', '# ok: logs:CreateLogStream', '# ok: logs:PutLogEvents',
  ]
  t.match(await words(), [...bucketAndWho, created, retained, stream, put])
  t.equal(aws.state.groups.get(group)?.retentionInDays, 30)
  const own = aws.state.groups.get(group)
  if (own !== undefined) own.retentionInDays = 7
  t.match(await words(), [...bucketAndWho, created, stream, put])
  t.equal(own?.retentionInDays, 7, 'what somebody else set is left as it is')
  t.same(aws.state.violations, [])
})

t.test('a bucket or a group in another region is told with the region and with the setting for it', async t => {
  const { aws, check } = await startProbe(t, {})
  aws.state.createBucket({ name: 'shop-tokyo', region: 'ap-northeast-1' })
  // To the endpoint of another region, S3 says that the signature is for the wrong one.
  for (const [region, name] of [['us-east-1', 'PermanentRedirect'], ['eu-west-1', 'AuthorizationHeaderMalformed']] as const) {
    const { code, said } = await check({ SLUICE_BUCKET: 'shop-tokyo', SLUICE_S3_REGION: region })
    t.equal(code, 1)
    t.match(said[1], new RegExp(`^# refused: bucket shop-tokyo is not in ${region}, S3 says it is in ap-northeast-1: ` +
      `set the region of S3 to ap-northeast-1 \\(s3.region, SLUICE_S3_REGION, .*${name}\\)`))
  }
  t.match((await check({ SLUICE_BUCKET: 'shop-tokyo', SLUICE_S3_REGION: 'ap-northeast-1' })).said[1], /^# ok: s3:PutObject/)
  const { code, said } = await check({ SLUICE_LOG_GROUP: '/ecs/elsewhere' })
  t.equal(code, 1)
  t.match(said[2], /^# refused: log group \/ecs\/elsewhere does not exist in us-east-1: .*another region, set cloudwatch.region \(SLUICE_CLOUDWATCH_REGION\)/)
})

t.test('on a terminal its sentences are broken at the terminal\'s width', async t => {
  const { aws } = await startWorld(t)
  const written: string[] = []
  const stdout = { isTTY: true, columns: 80, write: (text: string) => written.push(text) }
  const env = { ...aws.environment, NO_COLOR: '1', SLUICE_BUCKET: 'not-there', SLUICE_LOG_GROUP: '/ecs/elsewhere' }
  t.equal(await runCheck({ env, stdout, stderr: stdout, readFile: () => '' }, { config: undefined, probe: true }), 1)
  const said = written.join('').replace(/[^]*# what AWS says\n/, '').trimEnd().split('\n')
  t.ok(said.length > 3, said.join('\n'))
  for (const line of said) t.ok(line.length <= 80 && line.startsWith('# '), line)
  t.match(said, [/^# (?:ok|unknown|refused): /])
})

t.test('without a way to STS the rest is asked, and that decides', async t => {
  const { aws, check } = await startProbe(t, {})
  aws.faults.set('sts', { mode: '503' })
  const { code, said } = await check()
  t.equal(code, 0)
  t.match(said, [/^# unknown: whom AWS takes this for, which the service never asks: STS in us-east-1 failed inside/, /^# ok/, /^# ok/, /^# ok/])
})

t.test('an endpoint that never answers is said after ten seconds, all of them at once', async t => {
  const { aws, check } = await startProbe(t, {})
  for (const service of ['sts', 's3', 'logs'] as const) aws.faults.set(service, { mode: 'hang' })
  const { code, said } = await check()
  t.equal(code, 1)
  t.match(said, [
    /^# unknown: .*: no answer from STS within 10 s: check the security group/,
    /^# refused: no answer from S3 within 10 s: /,
    /^# refused: no answer from CloudWatch Logs within 10 s: /,
  ])
})

t.test('the region is found as the service finds it', async t => {
  const { check } = await startProbe(t, { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-1' })
  t.equal((await check()).code, 0)
})

t.test('the bucket of dead letters is asked where nothing else goes to it', async t => {
  const { aws, check } = await startProbe(t, { SLUICE_ROUTES_ACCESS_TO: 'cloudwatch', SLUICE_ROUTES_APP_TO: 'cloudwatch' })
  const { said } = await check()
  t.match(said, [/^# ok: AWS/, /CreateLogStream/, /PutLogEvents/, /^# ok: s3:PutObject on/])
  t.equal(aws.state.objects(bucket).length, 1)
})

t.test('where nothing goes to AWS, nothing is asked', async t => {
  const sluice = startSluice(t, { args: ['check', '--probe'] })
  t.equal(await sluice.exited, 0)
  t.match(sluice.output(), /# what AWS says\n# it is not asked: every route goes to files\n$/)
})
