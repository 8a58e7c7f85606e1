import type { Config } from '../config/settings.ts'
import type { TaskFacts } from './task-facts.ts'

/**
 * The fields of `enrich` that are added to records. An unknown value is empty. Fields that Fluent Bit adds on ECS have
 * the same names here.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html (enable-ecs-log-metadata)
 */
export function enrichmentOf (names: Config['enrich'], facts: TaskFacts): Readonly<Record<string, string>> {
  const { cluster, taskArn, family, revision, az, instanceId } = facts
  const values: Readonly<Record<Config['enrich'][number], string>> = {
    ecs_cluster: cluster,
    ecs_task_arn: taskArn,
    ecs_task_definition: family === '' ? '' : `${family}:${revision}`,
    ecs_task_family: family,
    ecs_task_revision: revision,
    ecs_availability_zone: az,
    ec2_instance_id: instanceId,
  }
  return Object.fromEntries(names.map(name => [name, values[name]]))
}
