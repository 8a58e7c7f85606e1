import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import t from 'tap'
import { runCheck } from '../../src/cli/check.ts'
import { runMigrate } from '../../src/cli/migrate.ts'
import { startAws } from '../support/aws/server.ts'
import { observed } from '../support/operator.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { commonLines, deliveredTo, fixtures, runFluentBit, sendLines, type Place, type Places, type SentLines } from './migrate-world.ts'

t.setTimeout(1_800_000)

/** In the manner of the examples that AWS publishes for FireLens, and what ECS makes of them. */
const files = [
  'by-container-name.conf', 'cluster-in-group.conf', 'errors-by-word.conf', 'health-checks.conf', 'match-regex.yaml', 'one-bucket.conf', 'one-group.conf',
  'pipeline.yaml', 'routed-keys.conf', 'routed-lines.conf',
  'rules-and-copies.conf', 'split-by-source.conf', 'streams.conf', 'task-definition.json', 'two-copies.conf',
] as const

interface Expected {
  readonly places: Places
  /** Lines besides those that every configuration gets. */
  readonly lines?: SentLines
  /** Lines, as `container.name`, that went elsewhere with Fluent Bit, as the YAML says. */
  readonly differs: readonly string[]
}

const placesOf = (place: Place): string[] => place === null ? [] : [place].flat().sort()

const into = (parts: string[]) => new Writable({
  write (chunk: Buffer, _encoding, done) {
    parts.push(chunk.toString())
    done()
  },
})
const readFile = (path: string) => readFileSync(path, 'utf8')
const binary = process.env['FLUENT_BIT'] ?? ''

for (const file of files) {
  t.test(`${file}: what migrate prints passes check, and the service sends lines where Fluent Bit did`, async t => {
    const directory = shortDirectory(t)
    const { places, differs, lines: own = {} } = JSON.parse(readFile(join(fixtures, file.replace(/\.\w+$/, '.expect.json')))) as Expected
    const yaml: string[] = []
    const said: string[] = []
    const io = { env: {}, stdin: Readable.from([]), stdout: into(yaml), stderr: into(said), readFile }
    await runMigrate(io, { file: join(fixtures, file), check: false })
    const config = join(directory, 'sluice.yaml')
    writeFileSync(config, yaml.join(''))
    t.equal(await runCheck({ env: {}, stdout: into([]), stderr: into(said), readFile }, { config }), 0, said.join(''))

    const names = new Set(Object.values(places).flatMap(each => Object.values(each).flatMap(placesOf)))
    const groups = [...names].filter(name => name.startsWith('/'))
    const buckets = [...names].filter(name => !name.startsWith('/'))
    const region = /^ *region: (\S+)/m.exec(yaml.join(''))?.[1] ?? ''
    const aws = await startAws({ region, buckets, groups })
    t.teardown(() => aws.close())
    const sluice = startSluice(t, {
      directory, env: { ...observed, ...aws.environment, SLUICE_CONFIG: config, SLUICE_LOG_LEVEL: 'info', SLUICE_JOIN_TRACES_MAX_QUIET: '10ms', HOSTNAME: 'host-1' },
    })
    await sluice.printed(/"msg":"started"/)
    const containers = Object.keys(places)
    const lines: SentLines = { ...commonLines, ...own }
    await sendLines(sluice.socketPath, containers, lines)
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 0, sluice.output())
    t.ok(sluice.report().balanced)

    /** A line that has no place of its own goes with others: health checks are access lines. */
    const placeOf = (container: string, name: string, like: string) => {
      const { [container]: known = {} } = places
      return placesOf((name in known ? known[name] : known[like]) ?? null)
    }
    const delivered = deliveredTo(aws, buckets)
    const marks = containers.flatMap(container => Object.keys(lines).map(name => {
      const like = name === 'health' ? 'access' : name === 'loud' ? 'app' : name
      const there = placeOf(container, name, like)
      return { mark: `${container}.${name}`, like: `${container}.${like}`, there, here: name === 'loud' ? placeOf(container, name, 'error') : there }
    }))
    for (const { mark, here } of marks) t.same([...delivered.get(mark) ?? []].sort(), here, mark)
    const moved = marks.filter(({ here, there }) => here.join() !== there.join())
    t.ok(moved.length === 0 || yaml.join('').includes('app.errorsFrom: off'), 'lines of stdout that go with those of stderr now are named')

    await t.test('the same lines with Fluent Bit', { skip: binary === '' ? 'FLUENT_BIT names no binary' : false }, async t => {
      const elsewhere = marks.filter(({ mark, like }) => differs.includes(mark) || differs.includes(like))
      const same = marks.filter(each => !elsewhere.includes(each))
      const expected = new Map(same.map(({ mark, there }) => [mark, there.length]))
      const ofFluentBit = await runFluentBit(t, binary, { file, directory, containers, lines, expected })
      const found = (mark: string) => [...ofFluentBit.get(mark) ?? []].sort()
      for (const { mark, here } of elsewhere) t.notSame(found(mark), here, `${mark} goes elsewhere, as the YAML says`)
      for (const { mark, there } of same) t.same(found(mark), there, mark)
    })
  })
}
