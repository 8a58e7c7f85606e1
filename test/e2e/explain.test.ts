import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { captures, explainJson, fixtures } from '../cli/explain/world.ts'
import { deliveredLines } from '../support/delivered.ts'
import { startSluice } from '../support/sluice-process.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

t.test('what it says is delivered is what the service delivers', async t => {
  // Times at which lines were read.
  const timeless = (line: string) => line
    .replace(/^\{"t":\d+,/, '{')
    .replace(/^\{"time":"[^"]{24}",(?="(?:container|raw)")/, '{')
  for (const { file, source } of captures) {
    const sluice = startSluice(t, { args: ['--stdin', '--source', source] })
    sluice.stdin.end(readFileSync(join(fixtures, file)))
    t.equal(await sluice.exited, 0)
    const delivered = deliveredLines(sluice.dataDir)
    const records = await explainJson({ argv: [join(fixtures, file), '--source', source] })
    for (const route of ['access', 'app', 'error', 'invalid'] as const) {
      const said = records.filter(record => record.route === route).flatMap(record => record.delivered)
      const asLatin1 = said.map(line => Buffer.from(timeless(line)).toString('latin1'))
      t.strictSame(asLatin1.sort(), delivered[route].map(timeless).sort(), `${file}: ${route}`)
    }
  }
})

t.test('names the destinations as the service does', async t => {
  const sluice = startSluice(t, { args: ['--stdin'] })
  sluice.stdin.end('x\n')
  await sluice.exited
  const [, words = ''] = /"app":"([^"]+)"/.exec(sluice.output()) ?? []
  const env = { SLUICE_DATA_DIR: sluice.dataDir, SLUICE_HOST_ID: 'task1' }
  t.equal((await explainJson({ argv: [], input: 'x\n', env }))[0]?.destination, words)
  const aws = { SLUICE_BUCKET: 'logs', SLUICE_PREFIX: 'shop/', SLUICE_LOG_GROUP: '/shop/errors' }
  const [line] = await explainJson({ argv: [], input: '{"status":200,"path":"/"}\n', env: aws })
  t.equal(line?.destination, 's3: s3://logs/shop/')
  const [error] = await explainJson({ argv: ['--source', 'stderr'], input: 'AH00001: a\\tb\n', env: aws })
  t.strictSame([error?.destination, error?.delivered], ['cloudwatch: /shop/errors', ['AH00001: a\tb']], 'a message as CloudWatch gets it')
})

t.test('a live input is explained as it comes', async t => {
  const input = new PassThrough()
  const child = spawn(process.execPath, [main, 'explain'], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  input.pipe(child.stdin)
  input.write('{"status":200,"path":"/"}\n')
  const [first] = await once(child.stdout, 'data') as [Buffer]
  t.match(first.toString(), /^line 1 {2}access/)
  input.end()
  t.strictSame(await once(child, 'exit'), [0, null])
})

t.test('a reader that goes away ends it without a word', async t => {
  const file = join(t.testdir(), 'lines')
  writeFileSync(file, '{"status":200,"path":"/"}\n'.repeat(50_000))
  const script = `"${process.execPath}" "${main}" explain "${file}" 2>errors | head -1; echo "$(cat errors) \${PIPESTATUS[0]}"`
  const out = execFileSync('bash', ['-c', script], { cwd: t.testdirName, encoding: 'utf8' })
  t.equal(out, 'line 1  access  rule access, stdout\n 0\n')
})
