import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { taskArn } from './firelens-config.ts'
import type { Owner } from './sluice-process.ts'

/** What the endpoint answers: a status with a body, `hang` for no answer, `reset` for a closed connection. */
export type Answer = 'hang' | 'reset' | { readonly status?: number, readonly body: string }

/**
 * As Fargate answers, without the containers.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export const fargateTask = {
  Cluster: 'arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop',
  TaskARN: taskArn,
  Family: 'payment',
  Revision: '42',
  DesiredStatus: 'RUNNING',
  KnownStatus: 'NONE',
  Limits: { CPU: 0.25, Memory: 512 },
  AvailabilityZone: 'ap-northeast-1a',
  LaunchType: 'FARGATE',
  Containers: [],
}

export interface MetadataEndpoint {
  /** For `ECS_CONTAINER_METADATA_URI_V4`. */
  readonly uri: string
  readonly asked: readonly string[]
}

/** A task metadata endpoint on loopback that gives these answers in turn, and the last one from then on. */
export async function startMetadataEndpoint (t: Owner, answers: readonly Answer[]): Promise<MetadataEndpoint> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]
    asked.push(request.url ?? '')
    if (answer === 'reset') request.socket.destroy()
    else if (answer !== 'hang' && answer !== undefined) response.writeHead(answer.status ?? 200).end(answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/0123`, asked }
}
