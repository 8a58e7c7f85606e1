import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { deliveredLines } from '../support/delivered.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'

t.setTimeout(1_800_000)

for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGINT'] as const) {
  t.test(`${signal} ends it as SIGTERM does: with what is in it delivered, and a report`, async t => {
    const sluice = startSluice(t, { args: ['--stdin'], env: { SLUICE_STOP_QUIET: '500ms' } })
    await sluice.printed(/"started"/)
    sluice.stdin.write('a line\n')
    sluice.kill(signal)
    t.equal(await sluice.exited, 0, sluice.output())
    t.match(sluice.report(), { reason: signal, balanced: true, received: 1, delivered: 1 })
  })
}

t.test('Apache sends its piped programs two signals at once: what is in it is delivered all the same', async t => {
  const sluice = startSluice(t, { args: ['--stdin'], env: { SLUICE_STOP_QUIET: '500ms' } })
  await sluice.printed(/"started"/)
  sluice.stdin.write('a line\n')
  sluice.kill('SIGHUP')
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 1, delivered: 1 })
})

t.test('SIGUSR1 opens no debugger', async t => {
  const sluice = startSluice(t, { args: ['--stdin'] })
  await sluice.printed(/"started"/)
  sluice.kill('SIGUSR1')
  sluice.stdin.end('a line\n')
  t.equal(await sluice.exited, 0, sluice.output())
  t.notMatch(sluice.output(), /[Dd]ebugger/)
})

t.test('SIGUSR2, by which others are told to reload, ends nothing', async t => {
  const sluice = startSluice(t, { args: ['--stdin'] })
  await sluice.printed(/"started"/)
  sluice.kill('SIGUSR2')
  sluice.stdin.end('a line\n')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { reason: 'end of input', balanced: true, received: 1, delivered: 1 })
})

t.test('a reader of standard output that has stopped keeps nobody from ending', async t => {
  const directory = shortDirectory(t)
  const pipe = join(directory, 'stdout')
  execFileSync('mkfifo', [pipe])
  const output = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => closeSync(output))
  t.throws(() => { for (;;) writeSync(output, Buffer.alloc(4096)) }, { code: 'EAGAIN' })
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../src/main.ts'), '--stdin'], {
    env: { SLUICE_DATA_DIR: join(directory, 'data'), SLUICE_HTTP: 'off', SLUICE_HOST_ID: 'task1' },
    stdio: ['pipe', output, 'ignore'],
  })
  child.stdin?.end('a line')
  t.same(await once(child, 'exit'), [0, null])
  t.equal(deliveredLines(join(directory, 'data')).app.length, 1)
})
