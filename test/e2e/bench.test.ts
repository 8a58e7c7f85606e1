import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'

const root = resolve(import.meta.dirname, '../..')

t.setTimeout(600_000)

async function bench (name: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [resolve(root, `bench/${name}.ts`), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { output, said, code: code as number | null }
}

const wideLines = (output: string) => output.split('\n').filter(line => line.length > 80)

t.test('every bench that has options says them, with an example, within 80 columns', async t => {
  const calls = [['run', '--help'], ['run', '--against', 'x', '--help'], ['pipeline', '--help'], ['steady', '--help'], ['latency', '--help'], ['run', 'start', '--help']] as const
  for (const [name, ...args] of calls) {
    const { output, code } = await bench(name, ...args)
    t.equal(code, 0, name)
    t.match(output, /^ {2}npm run bench/m)
    t.same(wideLines(output), [])
  }
  const { said, code } = await bench('steady', '--rat', '5')
  t.equal(code, 2)
  t.match(said, /Unknown option '--rat'/)
})

t.test('any other router is measured in pairs, and every line that it delivers is compared', async t => {
  const settings = 'SLUICE_TCP=off SLUICE_HTTP=off SLUICE_UNIX_SOCKET=$BENCH_SOCKET SLUICE_DATA_DIR=$BENCH_DIR/data ' +
    'SLUICE_BUCKET=$BENCH_BUCKET SLUICE_LOG_GROUP=$BENCH_LOG_GROUP'
  // One that leaves out what others keep is seen to lose it.
  const command = `env ${settings} SLUICE_ERROR_MIN_LEVEL=error '${process.execPath}' '${root}/src/main.ts'`
  const { output, said, code } = await bench('run', '--against', command, '--pairs', '1', '--count', '4000')
  t.equal(code, 0, said)
  t.match(said, /pair 1 of 1, other/)
  t.match(output, /^CPU seconds per million lines +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ to [\d.]+$/m)
  t.match(output, /^lost +200 +0/m)
  t.match(output, /^altered +0 +0/m)
  t.same(wideLines(output), [])
})

t.test('traces are compared line by line, and frames that are acked too', async t => {
  const { output, said, code } = await bench('pipeline', '--runs', '1', '--count', '4000', '--workload', 'traces', '--mode', 'packed')
  t.equal(code, 0, said)
  for (const name of ['lost', 'repeated', 'altered', 'misrouted']) t.match(output, new RegExp(`^${name} +0 +0 +0$`, 'm'))
  t.same(wideLines(output), [])
})

t.test('every line that is sent is seen in the file of the spool, and how long that took', async t => {
  const { output, said, code } = await bench('latency', '--rates', '100,5000', '--warm', '1', '--seconds', '1')
  t.equal(code, 0, said)
  t.match(output, /^ +100 +\d+ +[\d.]+ +[\d.]+ .* 0$/m)
  t.match(output, /^ +5,000 .* 0$/m)
  t.same(wideLines(output), [])
})
