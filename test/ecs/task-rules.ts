import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'

const gib = 1024

/**
 * Memory, MiB, that Fargate has for each CPU value, up to 4 vCPU.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const fargateMemory: Readonly<Record<string, readonly number[]>> = {
  256: [512, gib, 2 * gib],
  512: steps(1, 4),
  1024: steps(2, 8),
  2048: steps(4, 16),
  4096: steps(8, 30),
}

function steps (from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => (from + index) * gib)
}

/**
 * Options that the log drivers know and ECS lists. It refuses a task definition with any other ("Log driver awslogs
 * disallows options"), and `awslogs-format`, which Docker knows, is not on its list.
 *
 * Source: https://docs.docker.com/engine/logging/drivers/fluentd/ and
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
 */
const logOptions: Readonly<Record<string, RegExp>> = {
  fluentd: /^(fluentd-(address|async|async-reconnect-interval|buffer-limit|max-retries|request-ack|retry-wait|sub-second-precision|write-timeout)|tag|labels|labels-regex|env|env-regex)$/,
  awslogs: /^(awslogs-(group|region|stream-prefix|create-group|datetime-format|multiline-pattern)|mode|max-buffer-size)$/,
}

type Report = (words: string) => void

/** What ECS refuses, or does not do as it is meant, although the types allow it. */
export function ruleMistakes (task: RegisterTaskDefinitionCommandInput): string[] {
  const mistakes: string[] = []
  const containers = task.containerDefinitions ?? []
  const isFargate = task.requiresCompatibilities?.includes('FARGATE') ?? false
  const report: Report = words => { mistakes.push(words) }
  checkSize(task, isFargate, report)
  if (!containers.some(({ essential }) => essential !== false)) report('no container is essential')
  for (const container of containers) {
    checkContainer(container, task, isFargate, words => report(`${container.name ?? ''}: ${words}`))
  }
  return mistakes
}

function checkSize (task: RegisterTaskDefinitionCommandInput, isFargate: boolean, report: Report): void {
  const containers = task.containerDefinitions ?? []
  if (isFargate) {
    if (task.networkMode !== 'awsvpc') report('Fargate has no network mode but awsvpc')
    if (!fargateMemory[task.cpu ?? '']?.includes(Number(task.memory))) {
      report(`Fargate has no ${task.memory} MiB with ${task.cpu} CPU units`)
    }
  }
  const total = (key: 'cpu' | 'memoryReservation') => containers.reduce((sum, each) => sum + (each[key] ?? 0), 0)
  if (task.cpu !== undefined && total('cpu') > Number(task.cpu)) report('the containers want more CPU than the task has')
  if (task.memory !== undefined && total('memoryReservation') > Number(task.memory)) {
    report('the containers reserve more memory than the task has')
  }
}

function checkContainer (
  container: ContainerDefinition, task: RegisterTaskDefinitionCommandInput, isFargate: boolean, report: Report
): void {
  const { memory, memoryReservation, firelensConfiguration } = container
  const within = (name: string, value: number | undefined, least: number, most: number) => {
    if (value !== undefined && (value < least || value > most)) report(`${name} is ${value}, not ${least} to ${most}`)
  }
  if (memory !== undefined && memoryReservation !== undefined && memory <= memoryReservation) {
    report('memory is not more than memoryReservation')
  }
  if (task.memory === undefined && memory === undefined && memoryReservation === undefined) report('no memory is given')
  within('stopTimeout', container.stopTimeout, isFargate ? 2 : 0, 120)
  within('startTimeout', container.startTimeout, 2, 120)
  within('restartAttemptPeriod', container.restartPolicy?.restartAttemptPeriod, 60, 1800)
  within('healthCheck.interval', container.healthCheck?.interval, 5, 300)
  within('healthCheck.timeout', container.healthCheck?.timeout, 2, 60)
  within('healthCheck.retries', container.healthCheck?.retries, 1, 10)
  within('healthCheck.startPeriod', container.healthCheck?.startPeriod, 0, 300)
  if (container.healthCheck !== undefined && !/^CMD(-SHELL)?$/.test(container.healthCheck.command?.[0] ?? '')) {
    report('the health check begins neither with CMD nor with CMD-SHELL')
  }
  if (firelensConfiguration !== undefined) {
    if (container.user !== undefined && container.user !== '0') report('FireLens: user is not 0')
    // With any, ECS adds no order of its own for the containers that log through it.
    if ((container.dependsOn ?? []).length > 0) report('FireLens: the router depends on another container')
    if ((container.portMappings ?? []).length > 0) report('FireLens: the router publishes a port')
  }
  checkDependencies(container, task, report)
  checkVolumes(container, task, isFargate, report)
  checkLogging(container, task, isFargate, report)
}

function checkDependencies (
  container: ContainerDefinition, { containerDefinitions = [] }: RegisterTaskDefinitionCommandInput, report: Report
): void {
  for (const { containerName, condition } of container.dependsOn ?? []) {
    const other = containerDefinitions.find(({ name }) => name === containerName)
    if (other === undefined) report(`depends on ${containerName}, which is not there`)
    else if (condition === 'HEALTHY' && other.healthCheck === undefined) report(`${containerName} has no health check`)
    else if ((condition === 'COMPLETE' || condition === 'SUCCESS') && other.essential !== false) {
      report(`waits for the end of ${containerName}, which is essential`)
    }
  }
}

function checkVolumes (
  container: ContainerDefinition, { volumes = [] }: RegisterTaskDefinitionCommandInput, isFargate: boolean,
  report: Report
): void {
  for (const { sourceVolume } of container.mountPoints ?? []) {
    const volume = volumes.find(({ name }) => name === sourceVolume)
    if (volume === undefined) report(`mounts ${sourceVolume}, which is not there`)
    else if (isFargate && volume.host?.sourcePath !== undefined) report('Fargate has no paths of a host')
  }
}

function checkLogging (
  { logConfiguration, firelensConfiguration }: ContainerDefinition,
  { containerDefinitions = [] }: RegisterTaskDefinitionCommandInput, isFargate: boolean, report: Report
): void {
  const { logDriver = '', options = {} } = logConfiguration ?? {}
  if (isFargate && logDriver === 'fluentd') report('Fargate has no log driver fluentd')
  const known = logOptions[logDriver]
  for (const name of Object.keys(options)) {
    if (known !== undefined && !known.test(name)) report(`${logDriver} has no option ${name}`)
  }
  if (logDriver === 'awslogs') {
    const needed = ['awslogs-group', 'awslogs-region', ...(isFargate ? ['awslogs-stream-prefix'] : [])]
    for (const name of needed) if (options[name] === undefined) report(`awslogs needs ${name}`)
  }
  if (logDriver !== 'awsfirelens') return
  if (firelensConfiguration !== undefined) report('the router would log to itself')
  if (!containerDefinitions.some(each => each.firelensConfiguration !== undefined)) report('awsfirelens without a router')
  // Source: addOutputSection of the agent, agent/taskresource/firelens/firelensconfig_unix.go of aws/amazon-ecs-agent
  const passedOn = Object.keys(options).filter(name => !/^(Name|(in|ex)clude-pattern|log-driver-buffer-limit)$/.test(name))
  if (passedOn.length > 0 && options['Name'] === undefined) report('awsfirelens: options without Name fail the task')
}
