import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const script = join(import.meta.dirname, '../../docker/sluice.sh')

/** Runs the image's `sluice` with a curl and a Node that say what they were asked. */
function run (t: Test, env: Readonly<Record<string, string>>, args: readonly string[], isAlive = true) {
  const directory = t.testdir({
    bin: {
      curl: `#!/bin/sh\necho "curl $*" >> $LOG\nexit ${isAlive ? 0 : 22}\n`,
      node: '#!/bin/sh\necho "node $*" >> $LOG\nexit 3\n',
    },
    'plain.conf': '[INPUT]\n    Name forward\n',
    'port.conf': '[SERVICE]\n    HTTP_Port 2021\n',
    log: '',
  })
  const at = (name: string) => join(directory, name)
  for (const name of ['curl', 'node']) spawnSync('chmod', ['755', at(`bin/${name}`)])
  const { status, stdout } = spawnSync('sh', [script, ...args], {
    encoding: 'utf8',
    env: {
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
      LOG: at('log'),
      SLUICE_LIB: '/lib',
      ...env,
      SLUICE_FIRELENS_CONFIG: at(env['SLUICE_FIRELENS_CONFIG'] ?? 'none.conf'),
    },
  })
  const asked = spawnSync('cat', [at('log')], { encoding: 'utf8' }).stdout.trimEnd().split('\n')
  return { status, stdout, asked }
}

const curlOf = (address: string) => `curl -fsS --max-time 2 -o /dev/null http://${address}/health/live`

t.test('a health check of a plain address starts no Node', async t => {
  for (const [env, address] of [
    [{}, '127.0.0.1:2020'],
    [{ SLUICE_FIRELENS_CONFIG: 'plain.conf' }, '127.0.0.1:2020'],
    [{ SLUICE_HTTP: '0.0.0.0:2021' }, '127.0.0.1:2021'],
    [{ SLUICE_HTTP: '127.0.0.1:80', SLUICE_CONFIG: '/etc/sluice.yaml' }, '127.0.0.1:80'],
  ] as const) {
    const { status, stdout, asked } = run(t, env, ['healthcheck'])
    t.same(asked, [curlOf(address)], address)
    t.equal(status, 0)
    t.equal(stdout, `healthy: http://${address}/health/live answered 200\n`)
  }
})

t.test('whatever has to be read, and everything else, is Node\'s', async t => {
  for (const env of [
    { SLUICE_CONFIG: '/etc/sluice.yaml' }, { SLUICE_CONFIG_YAML: 'http: off' }, { SLUICE_HTTP: 'off' }, { SLUICE_HTTP: '[::]:2020' },
    { SLUICE_FIRELENS_CONFIG: 'port.conf' },
  ]) {
    const { status, asked } = run(t, env, ['healthcheck'])
    t.same(asked, ['node /lib/sluice.cjs healthcheck'], JSON.stringify(env))
    t.equal(status, 3, 'and so is the exit code')
  }
  t.same(run(t, {}, ['healthcheck', '--url', 'http://127.0.0.1:1/']).asked, ['node /lib/sluice.cjs healthcheck --url http://127.0.0.1:1/'])
  t.same(run(t, {}, ['--stdin']).asked, ['node /lib/sluice.cjs --stdin'])
})

t.test('what is wrong is told by Node', async t => {
  const { status, asked } = run(t, {}, ['healthcheck'], false)
  t.same(asked, [curlOf('127.0.0.1:2020'), 'node /lib/sluice.cjs healthcheck'])
  t.equal(status, 3)
})
