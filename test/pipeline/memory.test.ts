import { totalmem } from 'node:os'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { sumOf } from '../../src/contracts/quota.ts'
import { createMemory, fairShares, memoryLimitBytes, registerMemory } from '../../src/pipeline/memory.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'

const MiB = 1024 * 1024
const aws = { SLUICE_BUCKET: 'shop-logs', SLUICE_LOG_GROUP: '/shop' }
const idle = { frames: 0, joins: 0, buffers: 0 }

function memoryOf (maxBytes: number, env: Readonly<Record<string, string>> = aws) {
  const { config } = loadConfig({ env, readFile: () => '' })
  return { config, memory: createMemory({ config, routes: routesOf(config), maxBytes }) }
}

t.test('where there is enough, everybody has what the settings say', async t => {
  const { config, memory } = memoryOf(1024 * MiB)
  t.match(memory, {
    framesBytes: 4 * config.forward.maxFrameBytes,
    partialsBytes: config.join.partials.maxTotalBytes,
    tracesBytes: config.join.traces.maxTotalBytes,
    writeBufferBytes: config.spool.writeBufferBytes,
    eventRequests: 4,
    isReduced: false,
    tlsConnections: 512,
  })
  for (const route of routesOf(config)) t.equal(memory.segmentBytesOf(route), route.segmentMaxBytes)
})

t.test('where there is not, all get less, together what is left beside the process, however small the container is', async t => {
  for (const [containerMiB, buffersMiB] of [[256, 96], [192, 48], [128, 32], [64, 16]] as const) {
    const { config, memory } = memoryOf(containerMiB * MiB)
    const given = sumOf(memory.shares(idle).map(({ maxBytes }) => maxBytes)) / MiB
    t.ok(given > buffersMiB - 0.01 && given <= buffersMiB, `${containerMiB} MiB: ${given}`)
    t.ok(memory.isReduced)
    t.ok(memory.eventRequests >= 1)
    t.ok(memory.writeBufferBytes > 0)
    for (const { name, destination, segmentMaxBytes } of routesOf(config)) {
      const bytes = memory.segmentBytesOf({ destination, segmentMaxBytes })
      t.ok(bytes > 0 && (destination.sink === 's3' ? bytes * 2 <= memory.objects.maxBytes : bytes === segmentMaxBytes), name)
    }
  }
})

t.test('connections with TLS take no more than frames may', async t => {
  t.equal(memoryOf(256 * MiB).memory.tlsConnections, 288)
  t.equal(memoryOf(256 * MiB, { ...aws, SLUICE_FORWARD_MAX_CONNECTIONS: '100' }).memory.tlsConnections, 100)
})

t.test('routes of many containers share what there is', async t => {
  const containers = Array.from({ length: 200 }, (_, index) => `web${index}: { bucket: box${index}, logGroup: /g${index} }`)
  const { memory } = memoryOf(256 * MiB, { ...aws, SLUICE_CONFIG_YAML: `containers: { ${containers.join(', ')} }` })
  const given = sumOf(memory.shares(idle).map(({ maxBytes }) => maxBytes))
  t.ok(given <= 96 * MiB)
  t.equal(memory.eventRequests, 1)
  t.ok(memory.framesBytes > 13 * MiB, 'what they take, they take from one another')
})

t.test('who wants little gets it, the others as much as one another', async t => {
  t.same(fairShares([10, 100, 50, 0], 200), [10, 100, 50, 0])
  t.same(fairShares([10, 100, 50, 0], 90), [10, 40, 40, 0])
  t.same(fairShares([10, 100, 50], 9), [3, 3, 3])
})

t.test('who delivers to files needs nothing for objects and batches', async t => {
  const { memory } = memoryOf(256 * MiB, {})
  t.match(memory.shares(idle).slice(-2), [{ name: 'batches', maxBytes: 0 }, { name: 'objects', maxBytes: 0 }])
})

t.test('metrics say what each holds, and may hold', async t => {
  const { memory } = memoryOf(1024 * MiB)
  const metrics = new Metrics()
  registerMemory(metrics, () => memory.shares({ frames: 1, joins: 2, buffers: 3 }))
  const read = (name: 'sluice_memory_used_bytes' | 'sluice_memory_limit_bytes') =>
    Object.fromEntries([...metrics.series(name)].map(series => [series.labels[0], 'value' in series ? series.value : NaN]))
  const ended = memory.objects.run(7, new AbortController().signal, async () => {
    t.same(read('sluice_memory_used_bytes'), { frames: 1, joins: 2, buffers: 3, batches: 0, objects: 7 })
  })
  await ended
  t.equal(read('sluice_memory_limit_bytes')['objects'], 64 * MiB)
  t.equal(read('sluice_memory_used_bytes')['objects'], 0)
})

t.test('the limit is the setting, else what the system says, never more than the machine has', async t => {
  t.equal(memoryLimitBytes(memoryOf(1, { SLUICE_MEMORY_MAX_BYTES: '300MiB' }).config), 300 * MiB)
  const found = memoryLimitBytes(memoryOf(1, {}).config)
  t.ok(found > 0 && found <= totalmem(), `${found}`)
})
