import { membersOf } from '../bytes/json-value.ts'

/** Which task this is. An unknown fact is an empty text. */
export interface TaskFacts {
  /** Its name, not its ARN. */
  readonly cluster: string
  readonly taskArn: string
  /** The last part of the task's ARN: 32 hexadecimal digits. */
  readonly task: string
  readonly family: string
  readonly revision: string
  /** `ap-northeast-1a` */
  readonly az: string
  /** EC2 instance on which the task runs. */
  readonly instanceId: string
}

export const noFacts: TaskFacts = Object.freeze({
  cluster: '', taskArn: '', task: '', family: '', revision: '', az: '', instanceId: '',
})

/** The settings about the task, which ECS generates for a log router or an operator gives. */
export interface GivenFacts {
  readonly cluster: string
  readonly taskArn: string
  /** `family:revision` */
  readonly taskDefinition: string
  readonly instanceId: string
}

/** Each given fact wins over the one that was found. */
export function mergeFacts (given: GivenFacts, found: TaskFacts): TaskFacts {
  const { cluster, taskArn, taskDefinition, instanceId } = given
  const [family = '', revision = ''] = taskDefinition.split(':')
  const first = (mine: string, theirs: string) => mine === '' ? theirs : mine
  const arn = first(taskArn, found.taskArn)
  return {
    cluster: first(lastPart(cluster), found.cluster),
    taskArn: arn,
    task: lastPart(arn),
    family: first(family, found.family),
    revision: first(revision, found.revision),
    az: found.az,
    instanceId: first(instanceId, found.instanceId),
  }
}

/**
 * Reads the answer of the task metadata endpoint. Never throws: what is missing, or of another type, is empty.
 * The cluster is a name on EC2, and a name or an ARN on Fargate.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
 */
export function factsOf (answer: unknown): TaskFacts {
  const task = membersOf(answer)
  const text = (name: string) => {
    const value = task[name]
    // The names become parts of keys and stream names, so they must not be longer than any real one.
    return typeof value === 'string' && value.length <= maxTextLength ? value : ''
  }
  const taskArn = text('TaskARN')
  return {
    ...noFacts,
    cluster: lastPart(text('Cluster')),
    taskArn,
    task: lastPart(taskArn),
    family: text('Family'),
    revision: text('Revision'),
    az: text('AvailabilityZone'),
  }
}

const maxTextLength = 2048

/** The part of an ARN after its last slash. A name stays as it is. */
function lastPart (text: string): string {
  return text.slice(text.lastIndexOf('/') + 1)
}
