import t from 'tap'
import { runCheck } from '../../src/cli/check.ts'

interface Run {
  readonly config?: string
  readonly env?: Record<string, string>
  readonly text?: string
  readonly isTTY?: boolean
}

function check ({ config, env = {}, text, isTTY = false }: Run) {
  const written = { out: '', error: '' }
  const code = runCheck({
    env,
    stdout: { isTTY, write: piece => { written.out += piece } },
    stderr: { isTTY, write: piece => { written.error += piece } },
    readFile: path => {
      if (text !== undefined && !path.startsWith('/fluent-bit/')) return text
      throw Object.assign(new Error(`unexpected read of ${path}`), { code: 'ENOENT' })
    },
  }, { config })
  return { code, ...written }
}

t.test('with nothing given it prints every default', async t => {
  const { code, out, error } = check({})
  t.same([code, error], [0, ''])
  t.match(out, /^# every setting is a default\nunixSocket: \/var\/run\/fluent\.sock +# default\n/)
})

t.test('it says where each setting came from, in one column', async t => {
  const { code, out } = check({
    config: 'a.yaml', text: 'tcp: off\nspool:\n  sync: always\n', env: { SLUICE_STOP_DEADLINE: '110s' },
  })
  t.equal(code, 0)
  t.match(out, /^# 3 of \d+ settings are not defaults\n/)
  t.match(out, /^tcp: off +# a\.yaml:1$/m)
  t.match(out, /^ {2}sync: always +# a\.yaml:3$/m)
  t.match(out, /^ {2}deadline: 1m50s +# SLUICE_STOP_DEADLINE$/m)
  const columns = out.split('\n').slice(1).map(line => line.indexOf('  # ')).filter(at => at > 0 && at <= 60)
  t.equal(new Set(columns).size, 1)
})

t.test('mistakes go to standard error with exit code 78 and no settings', async t => {
  const { code, out, error } = check({ config: 'a.yaml', text: 'tpc: off\n', env: { SLUICE_HTTP: 'x' } })
  t.same([code, out], [78, ''])
  t.match(error, /^2 mistakes in the configuration\n {2}a\.yaml:1:1: unknown setting "tpc".*\n {2}SLUICE_HTTP: http: found "x"/)
})

t.test('warnings go to standard error and change nothing', async t => {
  const { code, error } = check({ env: { SLUICE_XYZZY: '1' } })
  t.same([code, error], [0, 'warning: unknown variable SLUICE_XYZZY is ignored\n'])
})

t.test('colour only on a terminal, and not with NO_COLOR', async t => {
  const escape = '\u001b['
  t.ok(check({ isTTY: true }).out.includes(escape))
  t.ok(check({ isTTY: true, env: { NO_COLOR: '' } }).out.includes(escape))
  t.notOk(check({ isTTY: true, env: { NO_COLOR: '1' } }).out.includes(escape))
  t.notOk(check({ env: { FORCE_COLOR: '1' } }).out.includes(escape))
})
