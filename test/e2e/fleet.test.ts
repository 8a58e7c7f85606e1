import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { fleetDay, shape } from '../../bench/fleet.ts'
import { isError, lineOf } from '../../bench/lines.ts'
import { createEngine, objectKeys } from '../support/athena/engine.ts'
import { readAthenaPage } from '../support/athena/page.ts'
import { arrival } from '../support/athena/requests.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'

t.setTimeout(600_000)

const lineCount = 40_000
const page = readFileSync(join(import.meta.dirname, '../../docs/fleet.md'), 'utf8')
const setClock = pathToFileURL(join(import.meta.dirname, '../support/set-clock.ts')).href

/** Questions whose answers do not depend on the order of rows. */
const questions = [
  'SELECT count(*) AS lines, sum(bytes) AS bytes, max(duration_us) AS slowest FROM TABLE',
  'SELECT status, count(*) AS lines FROM TABLE GROUP BY status ORDER BY status',
  'SELECT path, method, count(*) AS lines, sum(duration_us) AS us FROM TABLE GROUP BY path, method ORDER BY path, method',
  'SELECT remote_ip, user_agent FROM TABLE WHERE status = 404 ORDER BY remote_ip, user_agent, query',
  'SELECT dt, hour, count(DISTINCT query) AS queries FROM TABLE GROUP BY dt, hour',
]

function bytesOf (directory: string, pattern: string): number {
  return globSync(pattern, { cwd: directory }).reduce((sum, path) => sum + statSync(join(directory, path)).size, 0)
}

t.test('an hour that is compacted to Parquet answers as Sluice\'s own objects do, in fewer bytes and less time', async t => {
  const bucket = shortDirectory(t)
  const input = join(shortDirectory(t), 'access.log')
  const sent = Array.from({ length: lineCount }, (_, index) => index).filter(index => !isError(index)).map(lineOf)
  writeFileSync(input, `${sent.join('\n')}\n`)
  const sluice = startSluice(t, {
    args: ['--stdin'],
    inputPath: input,
    env: {
      SLUICE_PREFIX: 'production/',
      SLUICE_FILE_DIRECTORY: bucket,
      SLUICE_OBJECTS_MAX_BYTES: '64KiB',
      NODE_OPTIONS: `--import=${setClock}`,
      TEST_CLOCK_START: arrival,
    },
  })
  t.equal(await sluice.exited, 0, sluice.output())
  const objects = objectKeys(bucket).length
  t.ok(objects > 100, `${objects} objects, as of a fleet`)

  const { tables, questions: asked } = readAthenaPage()
  const access = tables.filter(({ name }) => name === 'access')
  using engine = await createEngine({ tables: access, views: [], questions: asked }, bucket)
  const select = /INSERT INTO access_hourly\n(SELECT [^`]+)/.exec(page)?.[1] ?? ''
  t.match(select, /WHERE dt = '2026-11-24' AND hour = 0/)
  const parquet = shortDirectory(t)
  const columns = select.replace('SELECT *', 'SELECT * EXCLUDE "$path"')
  const how = 'FORMAT parquet, COMPRESSION zstd, PARTITION_BY (dt, hour), OVERWRITE_OR_IGNORE'
  await engine.ask(`COPY (${columns}) TO '${parquet}' (${how})`)
  await engine.ask(`CREATE VIEW access_hourly AS
    SELECT * REPLACE (CAST(dt AS VARCHAR) AS dt, CAST(hour AS INTEGER) AS hour)
    FROM read_parquet('${parquet}/**/*.parquet', hive_partitioning = true)`)

  const took = { access: 0, access_hourly: 0 }
  for (const question of questions) {
    const answers = []
    for (const table of ['access', 'access_hourly'] as const) {
      const startedMs = performance.now()
      answers.push(await engine.ask(question.replace('TABLE', table)))
      took[table] += performance.now() - startedMs
    }
    t.strictSame(answers[1], answers[0], question)
    t.ok((answers[0]?.length ?? 0) > 0, question)
  }
  const [gzip, compact] = [bytesOf(bucket, '**/*.gz'), bytesOf(parquet, '**/*.parquet')]
  const plain = sent.reduce((sum, line) => sum + line.length + 1, 0)
  t.comment(`${objects} objects: ${gzip} bytes of gzip (${(gzip / plain).toFixed(2)} of the lines), ${compact} of Parquet; ` +
    `${Math.round(took.access)} and ${Math.round(took.access_hourly)} ms`)
  t.ok(compact < gzip, `${compact} < ${gzip}`)
  t.ok(took.access_hourly < took.access, `${took.access_hourly} < ${took.access}`)
})

t.test('the simulation counts what is written and read, and no more objects than lines', async t => {
  const hundred = fleetDay(100, 20, 60)
  t.equal(hundred.objects, 100 * 1440)
  t.equal(fleetDay(100, 20, 300).objects, hundred.objects / 5)
  t.equal(fleetDay(1, 0, 60).objects, 0)
  t.ok(fleetDay(1, 10_000, 60).objects > 1440 * 8, 'a busy task seals by size')
  t.equal(hundred.storedGib, 100 * 20 * 86_400 * shape.lineBytes * shape.gzipShare / 1024 ** 3)
  t.ok(hundred.compactedDollars < hundred.queryDollars)
})
