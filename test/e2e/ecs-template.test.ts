import t from 'tap'
import { lintTemplate } from '../ecs/template-lint.ts'
import { readTemplate, shippedTemplateText, type Resource } from '../ecs/template-world.ts'

const text = shippedTemplateText()
const template = readTemplate(text)

/** The template with one thing changed in its text, which must be there. */
function changed (from: string, to: string) {
  if (!text.includes(from)) throw new Error(`expected ${from} in the template`)
  return readTemplate(text.replace(from, to))
}

function only (type: string): Resource {
  const found = Object.values(template.Resources).filter(({ Type }) => Type === type)
  if (found[0] === undefined || found.length > 1) throw new Error(`expected one ${type}, found ${found.length}`)
  return found[0]
}

t.test('the template is right by AWS\'s own specification of resources', async t => {
  t.same(lintTemplate(template), [])
})

t.test('each kind of mistake is found', async t => {
  const cases = [
    ['RetentionInDays', 'RetentionDays', 'ErrorLogGroup: no such property: RetentionDays'],
    ['DaysAfterInitiation', 'DaysAfterInitation', 'Bucket.LifecycleConfiguration.Rules[1].AbortIncompleteMultipartUpload: no such property: DaysAfterInitation'],
    ['Id: expire\n            Status: Enabled', 'Id: expire\n            State: Enabled', 'Bucket.LifecycleConfiguration.Rules[0]: Status is required'],
    ['Id: expire\n            Status: Enabled', 'Id: expire\n            Status: On', 'Bucket.LifecycleConfiguration.Rules[0].Status: expected Enabled, Disabled'],
    ['Cpu: 192', 'Cpu: much', 'TaskDefinition.ContainerDefinitions[0].Cpu: expected integer'],
    ['Command: [CMD, sluice, healthcheck]', 'Command: sluice healthcheck', 'TaskDefinition.ContainerDefinitions[1].HealthCheck.Command: expected a list'],
    ['AWS::Logs::LogGroup', 'AWS::Logs::Group', 'ErrorLogGroup: no such type: AWS::Logs::Group'],
    ['!Ref SluiceRetentionDays', '!Ref SluiceRetention', 'SluiceLogGroup: nothing is called SluiceRetention'],
    ['!GetAtt SluiceLogGroup.Arn', '!GetAtt SluiceLogGroup.ARN', 'ExecutionRole: AWS::Logs::LogGroup has no ARN'],
    ['{Prefix}*', '{KeyPrefix}*', 'TaskRole: nothing is called KeyPrefix'],
    ['!If [HasBucketName', '!If [HasName', 'Bucket: no condition is called HasName'],
    ['!Ref ObjectsExpireDays', '400', 'ObjectsExpireDays is not used'],
  ] as const
  for (const [from, to, mistake] of cases) t.ok(lintTemplate(changed(from, to)).includes(mistake), mistake)
})

t.test('it has no aliases, which CloudFormation does not read', async t => {
  t.notMatch(text, /[:-] +[&*]\w/)
})

t.test('every parameter has a default: the stack can be made without a word', async t => {
  for (const [name, parameter] of Object.entries(template.Parameters)) t.ok('Default' in parameter, name)
})

t.test('the bucket is closed to the public, encrypted, without ACLs, and cleans up', async t => {
  t.match(only('AWS::S3::Bucket'), {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: {} } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          // In a bucket with versions, what expires is only hidden until its version is removed too.
          {
            Status: 'Enabled',
            ExpirationInDays: { Ref: 'ObjectsExpireDays' },
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          },
          { Status: 'Enabled', ExpiredObjectDeleteMarker: true, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        ],
      },
    },
  })
  t.match(only('AWS::S3::BucketPolicy').Properties['PolicyDocument'], {
    Statement: [
      { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
      },
    ],
  })
})

t.test('the bucket keeps versions, and with days given locks each of them', async t => {
  const { Properties } = only('AWS::S3::Bucket')
  t.same(Properties['VersioningConfiguration'], { Status: 'Enabled' })
  t.match(Properties, {
    ObjectLockEnabled: { 'Fn::If': ['HasObjectLock', true, { Ref: 'AWS::NoValue' }] },
    ObjectLockConfiguration: {
      'Fn::If': ['HasObjectLock', {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: { Ref: 'ObjectLockMode' }, Days: { Ref: 'ObjectLockDays' } } },
      }, { Ref: 'AWS::NoValue' }],
    },
  })
  t.match(template.Parameters, { ObjectLockDays: { Default: 0 }, ObjectLockMode: { Default: 'GOVERNANCE' } })
})

t.test('both log groups have a retention, outlive the stack, and are protected from deletion', async t => {
  const groups = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Logs::LogGroup')
  t.equal(groups.length, 2)
  for (const group of groups) {
    t.match(group, {
      DeletionPolicy: 'Retain',
      Properties: { RetentionInDays: { Ref: /Days$/ }, DeletionProtectionEnabled: true },
    })
  }
})
