import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createS3Client } from '../src/sinks/aws/client.ts'
import { putSettings, type ObjectOptions } from '../src/sinks/s3/put-input.ts'
import { plainObjects } from '../test/sinks/aws/plain-options.ts'
import { readArguments } from './arguments.ts'

readArguments(`What the checksums of \`s3.checksum\` cost: the CPU of whole PutObject requests, by
the client that Sluice uses, to a server that reads and forgets, in the same
process. The least of some rounds.

  node bench/checksums.ts
`, {})

const bodyMiB = 4
const rounds = 5
const requestsPerRound = 10
const checksums: readonly ObjectOptions['checksum'][] = ['none', 'CRC32', 'SHA1', 'SHA256', 'CRC32C', 'CRC64NVME']

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { etag: '"x"' }).end())
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const body = randomBytes(bodyMiB * 1024 * 1024)

function putter (checksum: ObjectOptions['checksum']) {
  const held = createS3Client({
    region: 'us-east-1',
    endpoint,
    roleArn: '',
    externalId: '',
    sessionName: '',
    connectionTimeoutMs: 5000,
    requestTimeoutMs: 30_000,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  }, { hasChecksum: checksum !== 'none' })
  const settings = putSettings({ ...plainObjects, checksum })
  return {
    close: () => held.close(),
    put: () => held.use(async ({ client, sdk }) => {
      await client.send(new sdk.PutObjectCommand({ ...settings, Bucket: 'box', Key: 'key', Body: body }))
    }),
  }
}

async function msPerMiB (put: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let index = 0; index < requestsPerRound; index++) await put()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / requestsPerRound / bodyMiB
}

const putters = checksums.map(checksum => ({ checksum, leastMs: Infinity, ...putter(checksum) }))
// In turns: what comes first would pay for what is compiled, and the machine has other work.
for (let round = 0; round < rounds; round++) {
  for (const each of putters) each.leastMs = Math.min(each.leastMs, await msPerMiB(each.put))
}
for (const { checksum, leastMs, close } of putters) {
  console.log(`${checksum.padEnd(10)} ${leastMs.toFixed(2)} ms of CPU a MiB`)
  close()
}
server.close()
