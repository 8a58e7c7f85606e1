/** What the container agent of ECS makes of a task definition, as its template has it. */
export interface FirelensTask {
  readonly network: 'awsvpc' | 'bridge' | 'host'
  readonly memoryMB?: number
  /** False: `enable-ecs-log-metadata` is "false". */
  readonly hasMetadata?: boolean
  /** On EC2. */
  readonly instanceId?: string
  readonly externalConfig?: string
  /** `logConfiguration.options` of each container. */
  readonly containers: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/**
 * The file that the agent writes for a router of type `fluentbit`, section by section, in the order of its template.
 *
 * Source: https://github.com/aws/amazon-ecs-agent, agent/taskresource/firelens/firelensconfig_unix.go, and
 * https://github.com/awslabs/go-config-generator-for-fluentd-and-fluentbit, fluent-bit-template.go
 */
export function firelensConfig (task: FirelensTask): string {
  const { network, containers, hasMetadata = true, instanceId, externalConfig, memoryMB = 50 } = task
  const containerSections = Object.entries(containers)
  const filters = (option: string, word: string) => containerSections.flatMap(([name, options]) =>
    options[option] === undefined
      ? []
      : [section('FILTER', ['Name   grep', `Match ${name}-firelens*`, `${word} log ${options[option]}`])])
  const listen = network === 'bridge' ? '0.0.0.0' : '127.0.0.1'
  const consumed = new Set(['Name', 'include-pattern', 'exclude-pattern'])
  return [
    section('INPUT', ['Name forward', `Mem_Buf_Limit ${memoryMB / 2}MB`, 'unix_path /var/run/fluent.sock']),
    ...(network === 'host'
      ? []
      : [
          section('INPUT', ['Name forward', `Listen ${listen}`, 'Port 24224']),
          section('INPUT', ['Name tcp', 'Tag firelens-healthcheck', 'Listen 127.0.0.1', 'Port 8877']),
        ]),
    ...filters('include-pattern', 'Regex '),
    ...filters('exclude-pattern', 'Exclude'),
    ...(hasMetadata
      ? [section('FILTER', ['Name record_modifier', 'Match *',
          ...(instanceId === undefined ? [] : [`Record ec2_instance_id ${instanceId}`]),
          'Record ecs_cluster shop', `Record ecs_task_arn ${taskArn}`, 'Record ecs_task_definition payment:42'])]
      : []),
    ...(externalConfig === undefined ? [] : [`@INCLUDE ${externalConfig}\n`]),
    ...(network === 'host' ? [] : [section('OUTPUT', ['Name null', 'Match firelens-healthcheck'])]),
    ...containerSections.filter(([, options]) => options['Name'] !== undefined).map(([name, options]) =>
      section('OUTPUT', [`Name ${options['Name']}`, `Match ${name}-firelens*`,
        ...Object.entries(options).filter(([key]) => !consumed.has(key)).map(([key, value]) => `${key} ${value}`).sort()])),
  ].join('\n')
}

export const taskArn = 'arn:aws:ecs:ap-northeast-1:123456789012:task/shop/0123456789abcdef0123456789abcdef'

function section (name: string, lines: readonly string[]): string {
  return `[${name}]\n${lines.map(line => `    ${line}\n`).join('')}`
}
