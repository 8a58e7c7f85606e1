import type { TaskFacts } from './task-facts.ts'

/**
 * The region for AWS where no setting names one: what the environment says, else the one in the task's ARN.
 * ECS sets `AWS_REGION` on Fargate; on EC2 only an agent of version 1.104.0 or newer does.
 *
 * Source: https://github.com/aws/amazon-ecs-agent/blob/master/CHANGELOG.md
 */
export function regionFor (
  env: Readonly<Record<string, string | undefined>>, { taskArn }: Pick<TaskFacts, 'taskArn'>
): string | undefined {
  // As the other SDKs of AWS have it; the one for JavaScript knows only the first.
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name]
    if (region !== undefined && region !== '') return region
  }
  return /^arn:[\w-]+:ecs:([a-z\d-]+):/.exec(taskArn)?.[1]
}

/** Has all clients of AWS in this process find that region. */
export function adoptRegion (facts: Pick<TaskFacts, 'taskArn'>): void {
  const region = regionFor(process.env, facts)
  if (region !== undefined) process.env['AWS_REGION'] = region
}
