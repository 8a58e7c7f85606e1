import t from 'tap'
import { readerOf } from '../support/read-file.ts'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { loadConfig } from '../../src/config/load.ts'
import { containersOf, environmentOf, shippedTask, shippedTasks, sluiceOf } from './task-definitions.ts'
import { readTemplate, shippedTemplateText } from './template-world.ts'

const shipped = shippedTasks()
const fargate = shippedTask('firelens-fargate')
/** What Sluice's own page recommends; the drop-in is what somebody has today, with nothing but the image changed. */
const recommended = [fargate, shippedTask('firelens-volumes'), shippedTask('fluentd-ec2')]

t.test('four task definitions are shipped', async t => {
  t.same(shipped.map(({ file }) => file), ['firelens-drop-in.json', 'firelens-fargate.json', 'firelens-volumes.json', 'fluentd-ec2.json'])
})

t.test('Sluice understands its environment, without a warning', async t => {
  const readFile = readerOf({ '/etc/sluice/sluice.yaml': 'error: { minLevel: warn }' })
  for (const { file, task } of shipped) {
    // Throws where there is a mistake.
    const { warnings } = loadConfig({ env: environmentOf(sluiceOf(task)), readFile })
    t.same(warnings, [], file)
  }
  const misspelt = { ...environmentOf(sluiceOf(fargate.task)), SLUICE_LOGGROUP: 'x' }
  const outcome = (() => {
    try {
      return loadConfig({ env: misspelt, readFile }).warnings.join()
    } catch (error) {
      return (error as Error).message
    }
  })()
  t.match(outcome, /SLUICE_LOGGROUP/, 'a variable that is misspelt is found')
})

t.test('the sidecar cannot take the application along, comes back by itself, and has time to deliver', async t => {
  for (const { file, task } of recommended) {
    const sluice = sluiceOf(task)
    t.match(sluice, {
      essential: false,
      memoryReservation: 128,
      memory: 256,
      readonlyRootFilesystem: true,
      user: '0',
      healthCheck: { command: ['CMD', 'sluice', 'healthcheck'] },
      restartPolicy: { enabled: true, ignoredExitCodes: [exitCodes.config] },
      stopTimeout: 120,
      logConfiguration: { logDriver: 'awslogs', options: { mode: 'non-blocking' } },
    }, file)
    const { config } = loadConfig({ env: environmentOf(sluice), readFile: () => '' })
    t.equal(config.stop.deadline, 110_000, `${file}: ends by itself before ECS ends it`)
    const mounted = (sluice.mountPoints ?? []).map(({ containerPath }) => containerPath)
    t.ok(mounted.includes(config.dataDir), `${file}: the spool lies in a volume`)
  }
})

t.test('the application starts when Sluice takes lines, and is stopped before it', async t => {
  for (const { file, task } of recommended) {
    const others = containersOf(task).filter(each => each !== sluiceOf(task))
    t.ok(others.length > 0)
    for (const each of others) t.same(each.dependsOn, [{ containerName: 'sluice', condition: 'HEALTHY' }], file)
  }
})

t.test('on EC2 the region is named, for agents before 1.104.0 do not', async t => {
  t.equal(environmentOf(sluiceOf(shippedTask('fluentd-ec2').task))['AWS_REGION'], 'ap-northeast-1')
})

t.test('the sidecar writes metrics into its log, whose lines CloudWatch Logs gets one by one', async t => {
  for (const { file, task } of recommended) {
    const sluice = sluiceOf(task)
    t.equal(environmentOf(sluice)['SLUICE_TELEMETRY_EMF'], 'true', file)
    t.equal(sluice.logConfiguration?.logDriver, 'awslogs', file)
    // With either, the driver joins lines.
    const { 'awslogs-datetime-format': time, 'awslogs-multiline-pattern': start } = sluice.logConfiguration?.options ?? {}
    t.same([time, start], [undefined, undefined], file)
  }
})

t.test('on volumes that outlive the task lie the spool, to be written, and the configuration, to be read', async t => {
  const { task } = shippedTask('firelens-volumes')
  const sluice = sluiceOf(task)
  t.match(task.volumes, [{ name: 'spool', efsVolumeConfiguration: {} }, { name: 'configuration', s3filesVolumeConfiguration: {} }])
  t.same(sluice.mountPoints, [
    { sourceVolume: 'spool', containerPath: '/var/lib/sluice', readOnly: false },
    { sourceVolume: 'configuration', containerPath: '/etc/sluice', readOnly: true },
  ])
  t.ok(environmentOf(sluice)['SLUICE_CONFIG']?.startsWith('/etc/sluice/'))
})

t.test('the daemon of an EC2 host finds the socket that Sluice makes', async t => {
  const { task } = shippedTask('fluentd-ec2')
  const sluice = sluiceOf(task)
  const { config } = loadConfig({ env: environmentOf(sluice), readFile: () => '' })
  const web = containersOf(task).find(({ name }) => name === 'web')
  const address = web?.logConfiguration?.options?.['fluentd-address'] ?? ''
  t.match(address, /^unix:\/\/\//)
  const onHost = address.slice('unix://'.length)
  const mount = sluice.mountPoints?.find(({ sourceVolume }) => sourceVolume === 'socket')
  const source = task.volumes?.find(({ name }) => name === 'socket')?.host?.sourcePath ?? ''
  t.equal(onHost.replace(source, mount?.containerPath ?? ''), config.unixSocket)
})

t.test('the template makes the task definition of firelens-fargate.json', async t => {
  const { Parameters, Resources } = readTemplate(shippedTemplateText())
  const properties = asJson(Resources['TaskDefinition']?.Properties)
  const { family, executionRoleArn, taskRoleArn, ...rest } = fargate.task
  t.match(properties, { family: { Ref: 'Family' }, executionRoleArn: {}, taskRoleArn: {} })
  t.equal(Parameters['Family']?.Default, family)
  t.ok(executionRoleArn !== undefined && taskRoleArn !== undefined)
  const { family: _family, executionRoleArn: _execution, taskRoleArn: _task, ...made } =
    properties as typeof fargate.task
  t.same(withoutReferences(made, rest), rest)
})

/** The properties of CloudFormation as those of the API, which begin with a small letter; the names in maps stay. */
function asJson (value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map(each => asJson(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => {
    const isKept = isMap || name === 'Ref' || name.startsWith('Fn::')
    return [isKept ? name : `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`, asJson(each, name === 'Options')]
  }))
}

/** What is a reference in `value` is taken from `other`: it stands for something that only a stack has. */
function withoutReferences (value: unknown, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('Ref' in value || Object.keys(value).some(key => key.startsWith('Fn::'))) return other
  const counterpart = (key: string | number) => (other as Record<string | number, unknown> | undefined)?.[key]
  if (Array.isArray(value)) return value.map((each, index) => withoutReferences(each, counterpart(index)))
  return Object.fromEntries(Object.entries(value)
    .map(([key, each]) => [key, withoutReferences(each, counterpart(key))]))
}
