import t from 'tap'
import { isRefused, type BucketPolicy } from '../support/aws/bucket-policy.ts'
import { readTemplate, resolved, shippedTemplateText } from '../ecs/template-world.ts'

const shipped = resolved(readTemplate(shippedTemplateText()).Resources['BucketPolicy']?.Properties['PolicyDocument'], {
  Bucket: 'shop-logs', 'Bucket.Arn': 'arn:aws:s3:::shop-logs',
}) as BucketPolicy
const object = 'arn:aws:s3:::shop-logs/production/access/a.gz'
const put = { 'aws:SecureTransport': 'true', 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' }

t.test('the bucket policy of the template lets new objects in over TLS, and nothing over another', async t => {
  const cases = [
    [false, 's3:PutObject', object, put],
    [true, 's3:PutObject', object, { ...put, 's3:if-none-match': undefined }],
    // The parts of an upload take no such header; completing it, which makes the object, does.
    [false, 's3:PutObject', object, { ...put, 's3:if-none-match': undefined, 's3:ObjectCreationOperation': 'false' }],
    [true, 's3:PutObject', object, { ...put, 'aws:SecureTransport': 'false' }],
    [true, 's3:GetObject', object, { 'aws:SecureTransport': 'false' }],
    [true, 's3:ListBucket', 'arn:aws:s3:::shop-logs', { 'aws:SecureTransport': 'false' }],
    [false, 's3:GetObject', object, { 'aws:SecureTransport': 'true' }],
    [false, 's3:PutObject', 'arn:aws:s3:::shop-logs-2/a', { ...put, 's3:if-none-match': undefined }],
  ] as const
  for (const [refused, action, resource, keys] of cases) {
    t.equal(isRefused(shipped, { action, resource, keys }), refused, `${action} ${JSON.stringify(keys)}`)
  }
})

t.test('a policy that is not understood passes nothing', async t => {
  const statement = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: '*' }
  const question = { action: 's3:PutObject', resource: object, keys: {} }
  t.throws(() => isRefused({ Statement: [{ ...statement, Condition: { StringLike: { a: 'b' } } }] }, question), /StringLike/)
  t.throws(() => isRefused({ Statement: [{ ...statement, Effect: 'Allow' }] }, question), /refuse/)
})
