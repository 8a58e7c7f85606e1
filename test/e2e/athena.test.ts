import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { createEngine, keyOf, objectKeys, projectedPartitions, type Row } from '../support/athena/engine.ts'
import { expectedAnswers } from '../support/athena/answers.ts'
import { readAthenaPage } from '../support/athena/page.ts'
import {
  apacheLine, arrival, foreignLine, loggedRow, makeInvalidLines, makeRequests, recordMsOf, tasks,
} from '../support/athena/requests.ts'

const page = readAthenaPage()
const prefix = 'production/'
const requests = makeRequests()
const invalid = makeInvalidLines(requests)
const setClock = pathToFileURL(join(import.meta.dirname, '../support/set-clock.ts')).href

/** A directory in the place of the bucket, filled by a Sluice for each task. */
async function fillBucket (t: Test, compression: string): Promise<string> {
  const bucket = shortDirectory(t)
  await Promise.all(tasks.map(async task => {
    const sluice = startSluice(t, {
      env: {
        SLUICE_HOST_ID: task,
        SLUICE_PREFIX: prefix,
        // What the questions count among others.
        SLUICE_HEALTH_CHECKS_FILTER: 'off',
        SLUICE_FILE_DIRECTORY: bucket,
        SLUICE_OBJECTS_COMPRESSION: compression,
        NODE_OPTIONS: `--import=${setClock}`,
        TEST_CLOCK_START: arrival,
      },
    })
    await sluice.printed(/"started"/)
    const own = requests.filter(each => each.task === task)
      .map(request => ({ timeMs: recordMsOf(request), line: apacheLine(request) }))
    const others = task === tasks[0] ? [...invalid, foreignLine] : []
    const records = [...own, ...others].map(({ timeMs, line }) => ({
      timeMs, fields: { log: line, source: 'stdout', container_name: 'web' },
    }))
    await sendRecords(sluice.socketPath, records)
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 0, sluice.output())
    t.match(sluice.report(), { balanced: true, received: records.length, delivered: records.length })
  }))
  return bucket
}

for (const [compression, extension] of [['gzip', 'gz'], ['zstd', 'zst']] as const) {
  t.test(`every question has its exact answer on objects of ${compression}`, async t => {
    const bucket = await fillBucket(t, compression)
    const locations = new Set(page.tables.flatMap(projectedPartitions).map(({ location }) => keyOf(location)))
    const folders = new Set(objectKeys(bucket).map(key => key.slice(0, key.lastIndexOf('/') + 1)))
    t.ok([...folders].every(each => locations.has(each)), `every object lies where the projection looks: ${[...folders].join(' ')}`)
    t.same([...folders].map(folder => folder.slice(prefix.length)).sort(), [
      'access/dt=2026-11-23/hour=22/', 'access/dt=2026-11-23/hour=23/', 'access/dt=2026-11-24/hour=00/',
      'invalid/dt=2026-11-23/hour=23/', 'invalid/dt=2026-11-24/hour=00/',
    ])
    t.ok(objectKeys(bucket).every(key => key.endsWith(`.ndjson.${extension}`)), 'Athena tells the compression by the name')

    using engine = await createEngine(page, bucket)
    const stored = await engine.ask("SELECT * EXCLUDE (dt, hour, \"$path\") FROM access WHERE type = 'access'")
    const inOrder = (rows: readonly Row[]) => rows.map(row => JSON.stringify(row)).sort()
    const made = inOrder(requests.map(loggedRow))
    t.strictSame(inOrder(stored).filter(row => !made.includes(row)), [], 'every column of a line is what Apache logged')
    t.equal(stored.length, made.length)
    t.strictSame(await engine.ask('SELECT status, method, bytes FROM access WHERE type IS NULL'),
      [{ status: null, method: 'card', bytes: null }], 'the line of an application is a row, its words no numbers')
    const answers = expectedAnswers(requests, invalid)
    t.equal(page.questions.length, 10)
    for (const [index, { title, sql }] of page.questions.entries()) {
      const answer = answers[index] ?? []
      t.not(answer.length, 0, `${title} has something to find`)
      t.strictSame(await engine.ask(sql), answer, title)
    }
  })
}
