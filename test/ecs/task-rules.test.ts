import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import t from 'tap'
import { containersOf, shippedTask, shippedTasks } from './task-definitions.ts'
import { ruleMistakes } from './task-rules.ts'

const fargate = shippedTask('firelens-fargate')
const ec2 = shippedTask('fluentd-ec2')

t.test('they keep the rules of ECS that no type says', async t => {
  for (const { file, task } of shippedTasks()) t.same(ruleMistakes(task), [], file)
})

/** The definition with a change to the task, and changes to its containers by name. */
function changed (
  { task }: { readonly task: RegisterTaskDefinitionCommandInput }, change: Partial<RegisterTaskDefinitionCommandInput>,
  containers: Readonly<Record<string, Partial<ContainerDefinition>>> = {}
): RegisterTaskDefinitionCommandInput {
  const containerDefinitions = containersOf(task).map(each => ({ ...each, ...containers[each.name ?? ''] }))
  return { ...task, containerDefinitions, ...change }
}

t.test('each of these rules finds what breaks it', async t => {
  const of = (containers: Parameters<typeof changed>[2], task = fargate) => ruleMistakes(changed(task, {}, containers))
  const healthCheck = { command: ['CMD', 'sluice', 'healthcheck'] }
  const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
    ['Fargate has no 768 MiB with 256 CPU units', ruleMistakes(changed(fargate, { memory: '768' }))],
    ['Fargate has no network mode but awsvpc', ruleMistakes(changed(fargate, { networkMode: 'bridge' }))],
    ['no container is essential', of({ web: { essential: false } })],
    ['the containers want more CPU than the task has', of({ web: { cpu: 256 } })],
    ['the containers reserve more memory than the task has', of({ web: { memoryReservation: 512 } })],
    ['sluice: memory is not more than memoryReservation', of({ sluice: { memory: 128 } })],
    ['sluice: stopTimeout is 121, not 2 to 120', of({ sluice: { stopTimeout: 121 } })],
    ['sluice: startTimeout is 1, not 2 to 120', of({ sluice: { startTimeout: 1 } })],
    ['sluice: restartAttemptPeriod is 30, not 60 to 1800',
      of({ sluice: { restartPolicy: { enabled: true, restartAttemptPeriod: 30 } } })],
    ['sluice: healthCheck.interval is 1, not 5 to 300', of({ sluice: { healthCheck: { ...healthCheck, interval: 1 } } })],
    ['sluice: healthCheck.timeout is 1, not 2 to 60', of({ sluice: { healthCheck: { ...healthCheck, timeout: 1 } } })],
    ['sluice: healthCheck.retries is 11, not 1 to 10', of({ sluice: { healthCheck: { ...healthCheck, retries: 11 } } })],
    ['sluice: healthCheck.startPeriod is 301, not 0 to 300',
      of({ sluice: { healthCheck: { ...healthCheck, startPeriod: 301 } } })],
    ['sluice: the health check begins neither with CMD nor with CMD-SHELL',
      of({ sluice: { healthCheck: { ...healthCheck, command: ['sluice', 'healthcheck'] } } })],
    ['sluice: FireLens: user is not 0', of({ sluice: { user: 'node' } })],
    ['sluice: FireLens: the router depends on another container',
      of({ sluice: { dependsOn: [{ containerName: 'web', condition: 'START' }] } })],
    ['sluice: FireLens: the router publishes a port', of({ sluice: { portMappings: [{ containerPort: 24224 }] } })],
    ['sluice: the router would log to itself', of({ sluice: { logConfiguration: { logDriver: 'awsfirelens' } } })],
    ['web: depends on other, which is not there',
      of({ web: { dependsOn: [{ containerName: 'other', condition: 'START' }] } })],
    ['web: sluice has no health check', of({ sluice: { healthCheck: undefined } })],
    ['web: waits for the end of sluice, which is essential',
      of({ web: { dependsOn: [{ containerName: 'sluice', condition: 'SUCCESS' }] }, sluice: { essential: true } })],
    ['sluice: mounts spool, which is not there', ruleMistakes(changed(fargate, { volumes: [] }))],
    ['sluice: Fargate has no paths of a host',
      ruleMistakes(changed(fargate, { volumes: [{ name: 'spool', host: { sourcePath: '/var/lib/sluice' } }] }))],
    ['web: Fargate has no log driver fluentd', of({ web: { logConfiguration: { logDriver: 'fluentd' } } })],
    ['web: awsfirelens without a router', of({ sluice: { firelensConfiguration: undefined } })],
    ['web: awsfirelens: options without Name fail the task',
      of({ web: { logConfiguration: { logDriver: 'awsfirelens', options: { region: 'eu-west-1' } } } })],
    ['web: fluentd has no option fluentd-async-connect',
      of({ web: { logConfiguration: { logDriver: 'fluentd', options: { 'fluentd-async-connect': 'true' } } } }, ec2)],
    ['sluice: awslogs has no option awslogs-stream', of({ sluice: { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-stream': 'x' } } } })],
    ['sluice: awslogs needs awslogs-stream-prefix',
      of({ sluice: { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'x', 'awslogs-region': 'x' } } } })],
    ['web: no memory is given', of({ web: { memoryReservation: undefined } }, ec2)],
  ]
  for (const [mistake, found] of cases) t.ok(found.includes(mistake), `${mistake} (found: ${found.join('; ')})`)
})
