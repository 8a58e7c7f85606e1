import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { parse } from 'yaml'
import { runMigrate } from '../../src/cli/migrate.ts'
import { tryConfig } from '../../src/config/load.ts'
import { writtenStreams } from '../support/written.ts'

const directory = join(import.meta.dirname, '../fixtures/migrate')

interface Expected {
  readonly env?: Readonly<Record<string, string>>
  /** By path; null: it is not set. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly says?: readonly string[]
  readonly never?: readonly string[]
}

const readFile = (path: string) => readFileSync(path, 'utf8')

async function migrated (file: string, env: Readonly<Record<string, string>>) {
  const { written, ...streams } = writtenStreams()
  const io = { env, stdin: Readable.from([]), ...streams, readFile }
  await runMigrate(io, { file, check: false })
  return written
}

const expectations = globSync('*.expect.json', { cwd: directory }).sort()

t.test('there is something to check', async t => {
  t.ok(expectations.length >= 12)
})

for (const name of expectations) {
  const base = name.replace('.expect.json', '')
  const [file = ''] = globSync(`${base}.{conf,yaml,json}`, { cwd: directory })
  t.test(`${file} becomes the settings that its lines need, and says what becomes of the rest`, async t => {
    const { env = {}, settings = {}, says = [], never = [] } = JSON.parse(readFile(join(directory, name))) as Expected
    const { out, error } = await migrated(join(directory, file), env)
    const outcome = tryConfig({ env: { ...env, SLUICE_CONFIG_YAML: out }, readFile })
    t.equal(outcome.kind, 'config', out)
    const yaml: unknown = parse(out)
    for (const [path, value] of Object.entries(settings)) {
      const found = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], yaml)
      t.same(found ?? null, value, path)
    }
    for (const text of says) t.ok(`${out}${error}`.includes(text), `says ${text}`)
    for (const text of never) t.notOk(`${out}${error}`.includes(text), `never ${text}`)
  })
}
