import { PutObjectCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { readTemplate, resolved, shippedTemplateText } from '../ecs/template-world.ts'
import type { BucketPolicy } from '../support/aws/bucket-policy.ts'
import { createClients, nameOf } from '../support/aws/clients.ts'
import { askAt } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import { until } from '../support/until.ts'
import { bucket, lines, objectMarks, sentMarks, startWorld, storedTwice } from './aws-world.ts'

t.setTimeout(600_000)

const policy = resolved(readTemplate(shippedTemplateText()).Resources['BucketPolicy']?.Properties['PolicyDocument'], {
  Bucket: bucket, 'Bucket.Arn': `arn:aws:s3:::${bucket}`,
}) as BucketPolicy

t.test('a bucket as the template makes it takes what Sluice sends, and is rewritten by nobody', async t => {
  const { aws, start } = await startWorld(t)
  aws.state.createBucket({ name: bucket, policy, objectLock: true })
  const sluice = start()
  await sluice.printed(/"msg":"started"/)
  const sent = lines(20)
  await sendRecords(sluice.socketPath, sent)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { received: 60, delivered: 60, balanced: true })
  t.same(objectMarks(aws), sentMarks(sent, 'stdout'))
  t.same(storedTwice(aws), [])

  const { s3, logs } = createClients(aws.endpoint)
  t.teardown(() => { s3.destroy(); logs.destroy() })
  const stored = aws.state.objects(bucket)[0]
  if (stored === undefined) throw new Error('an object was expected')
  const rewrite = { Bucket: bucket, Key: stored.key, Body: 'other' }
  t.equal(await nameOf(s3.send(new PutObjectCommand(rewrite))), 'AccessDenied')
  t.equal(await nameOf(s3.send(new PutObjectCommand({ ...rewrite, Key: 'new' }))), 'AccessDenied')
  t.equal(await nameOf(s3.send(new PutObjectCommand({ ...rewrite, IfNoneMatch: '*' }))), 'PreconditionFailed')
  t.same(aws.state.object(bucket, stored.key)?.body, stored.body)
})

t.test('without the condition nothing is stored there, the lines wait, and the words say what to set', async t => {
  const { aws, start } = await startWorld(t)
  aws.state.createBucket({ name: bucket, policy })
  const sluice = start({ SLUICE_S3_IF_NONE_MATCH: 'false', SLUICE_STOP_DEADLINE: '1s' })
  const operator = await askAt(sluice)
  await sendRecords(sluice.socketPath, lines(3))
  const { routes } = await until('the route waits', operator.health, ({ routes }) => routes['access']?.state === 'paused')
  t.match(routes['access'], { lastError: { reason: 'denied' } })
  t.match(JSON.stringify(routes['access']), /s3\.ifNoneMatch to on/)
  t.same(aws.state.objects(bucket), [])
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 75)
  t.match(sluice.report(), { left: { access: 3, app: 3 }, dropped: 0, balanced: true })
})
