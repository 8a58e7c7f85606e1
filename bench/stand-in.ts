import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { startAws, type Aws } from '../test/support/aws/server.ts'
import { issue } from '../test/support/certificates.ts'

export const bucket = 'logs'
export const group = '/ecs/shop/error'

export interface StandIn {
  readonly aws: Aws
  /** What a router needs to know of it. */
  readonly environment: Readonly<Record<string, string>>
  close (): Promise<void>
}

/** The project's own strict stand-in of AWS, and the same behind TLS, which some clients insist on. */
export async function startStandIn (): Promise<StandIn> {
  const aws = await startAws({ buckets: [bucket], groups: [group] })
  const { hostname, port } = new URL(aws.endpoint)
  const { cert, key } = issue('bench')
  const tls = createServer({ cert, key }, from => {
    const to = connect(Number(port), hostname)
    for (const socket of [from, to]) socket.on('error', () => { from.destroy(); to.destroy() })
    from.pipe(to).pipe(from)
  })
  await once(tls.listen(0, hostname), 'listening')
  return {
    aws,
    environment: {
      ...aws.environment,
      AWS_EC2_METADATA_DISABLED: 'true',
      BENCH_AWS_HOST: hostname,
      BENCH_AWS_PORT: port,
      BENCH_AWS_TLS_PORT: String((tls.address() as AddressInfo).port),
      BENCH_REGION: aws.region,
      BENCH_BUCKET: bucket,
      BENCH_LOG_GROUP: group,
    },
    async close () {
      await aws.close()
      tls.close()
    },
  }
}
