import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { systemClock } from '../../src/contracts/clock.ts'
import type { Batch } from '../../src/contracts/sink.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { routesOf, type Route } from '../../src/pipeline/routes.ts'
import { createMemory } from '../../src/pipeline/memory.ts'
import { createDestinations } from '../../src/pipeline/sinks.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { startAws } from '../support/aws/server.ts'
import { setEnvironment } from '../support/environment.ts'
import { recordingLog } from '../support/recording-log.ts'
import { makeSegment } from '../support/segments.ts'

const never = new AbortController().signal

t.test('files on a disk that hangs hold up no object for S3', async t => {
  const aws = await startAws({ buckets: ['box'] })
  t.teardown(() => aws.close())
  setEnvironment(t, aws.environment)
  const directory = t.testdir()
  const yaml = `file: { directory: ${directory}, minFreeBytes: 0B }\ncontainers: { web: { bucket: box } }\n`
  const { config } = loadConfig({ env: { SLUICE_CONFIG_YAML: yaml }, readFile: () => '' })
  const { log } = recordingLog()
  const shared = { clock: systemClock, metrics: new Metrics(), log }
  const routes = routesOf(config)
  const memory = createMemory({ config, routes, maxBytes: 2 ** 30 })
  const destinationOf = createDestinations({ ...shared, config, task: 'task1', facts: noFacts, directory: () => directory, memory })
  const sinkOf = (name: string) => destinationOf(routes.find(route => route.name === name) as Route).sink
  const [files, objects] = [sinkOf('access'), sinkOf('access.web')]
  t.same([files.name, objects.name], ['file', 's3'])
  t.teardown(() => objects.close())

  const segment = makeSegment(directory, Array.from({ length: 40 }, () => randomBytes(50_000).toString('base64')))
  const batch: Batch = { segment, startByte: 0, endByte: segment.bytes, records: 40, lines: undefined }
  // Nobody reads this pipe: what is written to it is as on a disk that hangs.
  const path = join(directory, `access/dt=2026-11-23/hour=10/task1-${segment.id}.ndjson.gz.unfinished`)
  mkdirSync(dirname(path), { recursive: true })
  execFileSync('mkfifo', [path])
  const hanging = files.send(batch, never)
  const reader = await open(path, 'r')
  await reader.read(Buffer.alloc(1), 0, 1)

  await objects.send(batch, never)
  t.equal(aws.state.objects('box').length, 1)
  await reader.close()
  await t.rejects(hanging, { code: 'ERR_SINK_UNAVAILABLE' })
})

t.test('a level that only zstd has is as high as gzip goes for what is stored with gzip, dead letters too', async t => {
  const aws = await startAws({ buckets: ['box'] })
  t.teardown(() => aws.close())
  setEnvironment(t, aws.environment)
  const directory = t.testdir()
  const yaml = 'bucket: box\nlogGroup: /errors\nobjects: { compression: zstd, level: 19 }\ncontainers: { web: { compression: gzip } }\n'
  const { config } = loadConfig({ env: { SLUICE_CONFIG_YAML: yaml }, readFile: () => '' })
  const { log } = recordingLog()
  const routes = routesOf(config)
  const memory = createMemory({ config, routes, maxBytes: 2 ** 30 })
  const shared = { clock: systemClock, metrics: new Metrics(), log }
  const destinationOf = createDestinations({ ...shared, config, task: 'task1', facts: noFacts, directory: () => directory, memory })
  const of = (name: string) => destinationOf(routes.find(route => route.name === name) as Route)
  const segment = makeSegment(directory, ['{"status":200,"path":"/"}'])
  const batch: Batch = { segment, startByte: 0, endByte: segment.bytes, records: 1, lines: undefined }
  for (const name of ['access', 'access.web']) {
    const { sink } = of(name)
    t.teardown(() => sink.close())
    await sink.send(batch, never)
  }
  const { letterStore } = of('error')
  t.teardown(() => letterStore?.close())
  await letterStore?.store(Buffer.from('{"time":"2026-11-23T10:00:00.000Z"}\n'), never, () => undefined)
  t.same(aws.state.objects('box').map(({ key }) => key.slice(key.lastIndexOf('.'))).sort(), ['.gz', '.gz', '.zst'])
})

t.test('dead letters of a container called old are not those that another route kept before', async t => {
  const yaml = 'logGroup: /errors\ncontainers: { old: { logGroup: /old } }\n'
  const { config } = loadConfig({ env: { SLUICE_CONFIG_YAML: yaml }, readFile: () => '' })
  const routes = routesOf(config)
  const memory = createMemory({ config, routes, maxBytes: 2 ** 30 })
  const shared = { clock: systemClock, metrics: new Metrics(), log: recordingLog().log }
  const destinationOf = createDestinations({ ...shared, config, task: 'task1', facts: noFacts, directory: () => '/data/task1', memory })
  const destinations = ['error', 'error.old'].map(name => destinationOf(routes.find(route => route.name === name) as Route))
  t.teardown(() => Promise.all(destinations.map(({ sink }) => sink.close())))
  const [first, old] = destinations.map(({ deadLetterDirectory }) => deadLetterDirectory())
  t.equal(first, '/data/task1/dead-letter')
  t.not(old, first)
})
