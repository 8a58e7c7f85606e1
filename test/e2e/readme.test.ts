import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { shortDirectory } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

t.setTimeout(1_800_000)

const root = resolve(import.meta.dirname, '../..')

/** The commands that the README says to try, without what it says of each. */
const commands = [...(/## Try it\n([^]*?)\n## /.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '').matchAll(/^ {4}(\S.*)$/gm)]
  .map(([, command = '']) => command.replace(/ +#.*/, ''))

/** Runs one as it is written, but for where it writes: the machine may run another. */
function type (t: Test, pattern: RegExp) {
  const command = commands.find(each => pattern.test(each)) ?? ''
  t.not(command, '', String(pattern))
  const directory = shortDirectory(t)
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    SLUICE_DATA_DIR: join(directory, 'data'),
    SLUICE_UNIX_SOCKET: join(directory, 'fluent.sock'),
    SLUICE_TCP: '127.0.0.1:0',
    SLUICE_HTTP: '127.0.0.1:0',
  }
  const child = spawn('/bin/sh', ['-c', command], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const end = (signal: NodeJS.Signals) => { if (child.pid !== undefined) process.kill(-child.pid, signal) }
  let output = ''
  child.stdout.on('data', piece => { output += String(piece) })
  const closed = once(child, 'close')
  t.teardown(() => { if (child.exitCode === null && child.signalCode === null) end('SIGKILL') })
  return { end, closed, output: () => output }
}

t.test('npm start takes lines until Ctrl-C', async t => {
  const { end, closed, output } = type(t, /^npm start$/)
  await until('it has started', output, text => text.includes('"msg":"started"'))
  t.match(output(), /"source":"unix"/)
  t.match(output(), /"page":"http:\/\/127\.0\.0\.1:\d+\/"/)
  end('SIGINT')
  await closed
  t.match(output(), /"msg":"exit report","reason":"SIGINT","exitCode":0/)
})

t.test('the file that is there goes through, and the command ends', async t => {
  const { closed, output } = type(t, / --stdin .* < /)
  t.same(await closed, [0, null])
  t.match(output(), /"means":"every record is delivered, or filtered by a rule".*"received":850,/)
})
