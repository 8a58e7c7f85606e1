import t from 'tap'
import { emfNamespace, emfTable } from '../../src/telemetry/emf.ts'
import { lintTemplate } from '../ecs/template-lint.ts'
import { readTemplate, resolved, shippedTemplateText, type Resource } from '../ecs/template-world.ts'

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

const all = (type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type)

/** What stands for what only a stack has. */
const names = { Family: 'shop', ErrorLogGroup: '/ecs/shop/error', SluiceLogGroup: '/ecs/shop/sluice', 'AWS::Region': 'eu-west-1' }

/** `table` does not have such a metric, or it has other dimensions there. */
function isUnknown (name: string, dimensions: readonly string[]): boolean {
  const row = (emfTable as Readonly<Record<string, { readonly dimensions: readonly string[] }>>)[name]
  return row === undefined || String(row.dimensions) !== String(dimensions)
}

interface Metric {
  readonly Namespace: string
  readonly MetricName: string
  readonly Dimensions: readonly { readonly Name: string }[]
}

/** Of an alarm, by a metric or by an expression over several. */
function metricsOf ({ Properties }: Resource): Metric[] {
  const { Metrics = [] } = Properties as { Metrics?: readonly { readonly MetricStat?: { readonly Metric: Metric } }[] }
  const several = Metrics.flatMap(({ MetricStat }) => MetricStat === undefined ? [] : [MetricStat.Metric])
  return several.length > 0 ? several : [Properties as unknown as Metric]
}

t.test('every alarm is on a metric that Sluice writes, can be told to a topic, and says what to do', async t => {
  const alarms = all('AWS::CloudWatch::Alarm')
  t.same(alarms.map(([name]) => name), [
    'LinesDroppedAlarm', 'LinesRejectedAlarm', 'DeliveryLateAlarm', 'SpoolHalfFullAlarm', 'SidecarSilentAlarm', 'WorkersExhaustedAlarm',
    'CardNumberAlarm', 'ServerErrorsAlarm',
  ])
  t.ok(isUnknown('LinesLost', ['Family']) && isUnknown('Errors', ['Family']), 'a wrong name or dimension is seen')
  for (const [name, alarm] of alarms) {
    t.match(alarm, { Condition: 'HasAlarms', Properties: { AlarmDescription: /\.$/, AlarmActions: { 'Fn::If': ['HasAlarmTopic', Array, Object] } } })
    for (const { Namespace, MetricName, Dimensions } of metricsOf(alarm)) {
      t.equal(Namespace, emfNamespace, name)
      t.notOk(isUnknown(MetricName, Dimensions.map(each => each.Name)), `${name}: ${MetricName}`)
    }
  }
})

t.test('silence is an alarm, and a quiet minute of anything else is none', async t => {
  for (const [name, { Properties }] of all('AWS::CloudWatch::Alarm')) {
    t.equal(Properties['TreatMissingData'], name === 'SidecarSilentAlarm' ? 'breaching' : 'notBreaching', name)
  }
})

t.test('the dashboard is JSON that shows metrics that Sluice writes, and nothing lies over another', async t => {
  const { Properties, Condition } = only('AWS::CloudWatch::Dashboard')
  t.equal(Condition, 'HasDashboard')
  const { widgets } = JSON.parse(resolved(Properties['DashboardBody'], names) as string) as {
    widgets: Array<Record<'x' | 'y' | 'width' | 'height', number> & {
      properties: { title: string, metrics?: Array<Array<string | { expression?: string }>> }
    }>
  }
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, index) => `${x + index % width},${y + Math.floor(index / width)}`))
  t.equal(new Set(cells).size, cells.length)
  for (const { x, width } of widgets) t.ok(x + width <= 24)
  let count = 0
  for (const { properties: { title, metrics = [] } } of widgets) {
    for (const [first, name = '', ...rest] of metrics) {
      count++
      if (typeof first === 'object') {
        const [, dimensions = '', searched = ''] = /\{Sluice,([\w,]+)\} MetricName="(\w+)" Family="shop"/.exec(first.expression ?? '') ?? []
        t.notOk(isUnknown(searched, dimensions.split(',')), `${title}: ${searched}`)
        continue
      }
      t.equal(first, emfNamespace)
      const dimensions = rest.filter(each => typeof each === 'string').filter((_, index) => index % 2 === 0)
      t.notOk(isUnknown(String(name), dimensions), `${title}: ${String(name)}`)
    }
  }
  t.ok(count > 10)
})

t.test('saved queries ask the group in which what they look for is, by fields that are there', async t => {
  const queries = all('AWS::Logs::QueryDefinition')
  t.ok(queries.length >= 5)
  for (const [name, { Properties, Condition }] of queries) {
    t.equal(Condition, 'HasQueries', name)
    const text = String(Properties['QueryString'])
    const isOwn = /\b(?:msg|level)\b/.test(text)
    t.same(Properties['LogGroupNames'], [{ Ref: isOwn ? 'SluiceLogGroup' : 'ErrorLogGroup' }], name)
    for (const [metric] of text.matchAll(/\b(?:Lines|Oldest)\w+/g)) t.ok(metric in emfTable, `${name}: ${metric}`)
  }
})

t.test('the group of the sidecar\'s own lines is of the class of which CloudWatch makes metrics', async t => {
  t.equal(template.Resources['SluiceLogGroup']?.Properties['LogGroupClass'], 'STANDARD')
})
