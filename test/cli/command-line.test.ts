import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import t from 'tap'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { commands } from '../../src/cli/commands.ts'
import { version } from '../../src/version.ts'
import { until } from '../support/manual-clock.ts'
import { writtenStreams } from '../support/written.ts'

async function sluice (...argv: readonly string[]) {
  const { written, ...streams } = writtenStreams()
  const code = await runCommandLine(argv, {
    env: {},
    stdin: Readable.from([]),
    ...streams,
    readFile: path => { throw Object.assign(new Error(`no file ${path}`), { code: 'ENOENT' }) },
  })
  return { code, ...written }
}

const fits = (text: string) => text.split('\n').every(line => line.length <= 80)

t.test('the help names every command and fits a terminal', async t => {
  const { code, out, error } = await sluice('--help')
  t.same([code, error], [0, ''])
  for (const [name, { summary }] of commands) t.match(out, new RegExp(`^ {2}\\[?${name}\\]? +${summary}$`, 'm'))
  t.ok(fits(out), out)
  t.same(await sluice('help'), { code, out, error })
  t.same(await sluice('-h'), { code, out, error })
})

t.test("a command's help has its own options, an example and its exit codes", async t => {
  for (const [name, { options, examples, exits }] of commands) {
    const { code, out } = await sluice(name, '--help')
    t.equal(code, 0)
    t.ok(examples.length > 0, name)
    for (const option of Object.keys(options)) t.match(out, new RegExp(`^ {2}--${option} `, 'm'), name)
    for (const [line] of examples) t.ok(out.includes(`  ${line}\n`), line)
    for (const [exit, meaning] of exits) t.match(out, new RegExp(`^ *${exit} +${meaning}$`, 'm'))
    t.ok(fits(out), out)
    t.same(await sluice('help', name), { code, out, error: '' })
  }
  t.notMatch((await sluice('migrate', '--help')).out, '--stdin')
})

t.test('a command has ended when a slow reader has all that it printed', async t => {
  let text = ''
  const slow = new Writable({
    highWaterMark: 1,
    write (chunk: Buffer, _encoding, done) { setImmediate(() => { text += chunk.toString(); done() }) },
  })
  const io = { env: {}, stdin: Readable.from([]), stdout: slow, stderr: slow, readFile: () => '' }
  t.equal(await runCommandLine(['check'], io), 0)
  t.match(text, /# what goes where\n(?:#.*\n)*$/)
})

t.test('a reader that never reads holds up a command until a signal comes', async t => {
  const names = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const
  const before = new Set(names.flatMap(name => process.listeners(name)))
  const listenerCount = process.listenerCount('SIGTERM')
  const never = new Writable({ highWaterMark: 1, write () {} })
  const io = { env: {}, stdin: Readable.from([]), stdout: never, stderr: never, readFile: () => '' }
  const code = runCommandLine(['check'], io)
  t.teardown(() => {
    for (const name of names) {
      for (const listener of process.listeners(name)) if (!before.has(listener)) process.off(name, listener)
    }
  })
  await until(() => process.listenerCount('SIGTERM') > listenerCount)
  process.emit('SIGTERM', 'SIGTERM')
  t.equal(await code, 0)
})

t.test('no command repeats the password of an address that it cannot use', async t => {
  const address = 'u:hunter2@127.0.0.1:1'
  for (const argv of [
    ['tail', '--url', address], ['tail', '--url', `ftp://${address}`], ['healthcheck', '--url', address], ['replay', `s3://${address} x/`],
    ['replay', `https://${address}/x`], ['explain', `https://${address}/x`], ['migrate', `https://${address}/x`], ['check', `https://${address}/x`],
    ['check', '--config', `https://${address}/x`], ['check', '--config', `/etc/${'x'.repeat(80)}.yaml`], ['explain', '--source', address],
  ]) {
    const { code, out, error } = await sluice(...argv)
    t.not(code, 0, argv.join(' '))
    t.match(`${out}${error}`, argv.at(-1)?.replace('hunter2', '***') ?? '')
    t.notMatch(`${out}${error}`, 'hunter2', argv.join(' '))
  }
})

t.test('an unknown command is told, with the one that was probably meant', async t => {
  t.same(await sluice('chekc'), {
    code: 64,
    out: '',
    error: "sluice: expected a command (run, check, explain, tail, replay, migrate, healthcheck), found 'chekc'; did you mean check? See sluice --help\n",
  })
  t.match(await sluice('dance'), { code: 64, error: /found 'dance'\. See sluice --help\n$/ })
  t.match(await sluice('help', 'dance'), { code: 64, error: /found 'dance'/ })
})

t.test('a command whose output is not taken has not done what it was asked for', async t => {
  const refused = async (code: string, ...argv: readonly string[]) => {
    let said = ''
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: not written`), { code })),
    })
    const exit = await runCommandLine(argv, {
      env: {},
      stdin: Readable.from([Buffer.from('x\n')]),
      stdout,
      stderr: new Writable({ write (chunk: Buffer, _encoding, done) { said += chunk.toString(); done() } }),
      readFile: () => '',
    })
    return [exit, said]
  }
  const words = (called: string) => `sluice${called}: cannot write to standard output: ENOSPC: not written\n`
  t.same(await refused('ENOSPC', 'check'), [74, words(' check')])
  t.same(await refused('ENOSPC', '--help'), [74, words('')])
  t.same(await refused('ENOSPC', 'help', 'check'), [74, words(' check')])
  t.same(await refused('ENOSPC', 'check', '--version'), [74, words(' check')])
  t.match(await refused('ENOSPC', 'migrate', 'a.conf'), [74, /^0 settings; .*\nsluice migrate: cannot write/])
  t.same(await refused('ENOSPC', 'explain'), [74, words(' explain')])
  t.same(await refused('EPIPE', 'check'), [0, ''], 'a reader that has seen enough')
})

t.test('a name that every object has is no command and no option', async t => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
    t.match(await sluice(name), { code: 64, out: '', error: `found '${name}'` })
    t.match(await sluice('help', name), { code: 64, out: '', error: `found '${name}'` })
    t.match(await sluice('check', `--${name}`), { code: 64, out: '', error: `unknown option --${name}` })
    t.match(await sluice('explain', '--source', name), { code: 64, out: '', error: `found '${name}'` })
  }
})

t.test('arguments that cannot be understood are told, with where to read on', async t => {
  for (const [argv, words] of [
    [['--stdn'], 'sluice: unknown option --stdn; did you mean --stdin? See sluice --help\n'],
    [['check', '--confg', 'a'], 'sluice check: unknown option --confg; did you mean --config? See sluice check --help\n'],
    [['check', '--config'], /^sluice check: .*--config.* argument missing\. See sluice check --help\n$/],
    [['check', '-x'], 'sluice check: unknown option -x. See sluice check --help\n'],
    [['check', 'a'], "sluice check: expected no argument, found 'a'. See sluice check --help\n"],
    [['explain', '--json=yes'], /^sluice explain: .*--json.* does not take an argument/],
    [['explain', '--source', 'sdterr'], /expected --source stdout or stderr, found 'sdterr'; did you mean stderr\?/],
    [['tail', '--level', 'warning'], /expected --level emerg, .*, info or debug, found 'warning'; did you mean warn\?/],
    [['check', 'a.yaml'], "sluice check: expected no argument, found 'a.yaml'; did you mean --config a.yaml? See sluice check --help\n"],
    [['a.yaml'], /found 'a\.yaml'; did you mean --config a\.yaml\?/],
    [['--stdin', 'access.log'], /found 'access\.log'; did you mean --stdin < access\.log\?/],
    [['--config', 'a.yaml', 'check'], 'sluice: expected the command check before its options. See sluice --help\n'],
    [['explain', 'a', 'b'], /expected one file, found 2/],
    [['migrate'], 'sluice migrate: expected one file, found none. See sluice migrate --help\n'],
    [['replay'], 'sluice replay: expected one DIR|s3://BUCKET/PREFIX, found none. See sluice replay --help\n'],
  ] as const) {
    const { code, out, error } = await sluice(...argv)
    t.same([code, out], [64, ''], argv.join(' '))
    t.match(error, words)
  }
})

t.test('the version is that of package.json, whatever the command', async t => {
  t.same(await sluice('--version'), { code: 0, out: `${version}\n`, error: '' })
  t.same(await sluice('check', '--version'), { code: 0, out: `${version}\n`, error: '' })
  t.same(await sluice('version'), { code: 0, out: `${version}\n`, error: '' })
})

t.test('a command is given its options', async t => {
  t.match(await sluice('check'), { code: 0, out: /^# every setting is a default\n/ })
  t.match(await sluice('check', '--config', 'a.yaml'), { code: 78, error: /a\.yaml/ })
  t.match(await sluice('explain', '--json'), { code: 0, out: '' })
  t.match(await sluice('replay', '/no/such'), { code: 66, error: /^sluice replay: cannot read \/no\/such: no such directory\n$/ })
  for (const place of ['s3://', 's3:///dead-letter/', 's3:my-logs']) {
    t.match(await sluice('replay', place), { code: 64, error: `expected s3://BUCKET/PREFIX with the name of a bucket, found '${place}'` })
  }
  t.match(await sluice('migrate', 'a.conf'), { code: 66, error: /a\.conf": no such file/ })
})

t.test('the README lists the commands that there are', async t => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const section = /^## Commands\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
  const named = [...section.matchAll(/^\| `sluice ?([a-z]*)/gm)].map(([, name]) => name === '' ? 'run' : name)
  t.same([...new Set(named)].sort(), [...commands.keys()].sort())
})
