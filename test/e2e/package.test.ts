import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { oldestNode } from '../../src/cli/node-version.ts'
import { version } from '../../src/version.ts'
import type { ExitReport } from '../support/sluice-process.ts'

t.setTimeout(1_800_000)

const root = join(import.meta.dirname, '../..')
const directories = (process.env['PATH'] ?? '').split(delimiter)

/** Programs of this name on the path, by their whole paths. */
const programs = (name: string) => directories.map(directory => join(directory, name)).filter(path => existsSync(path))

const majorOf = (node: string) => Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1))

const hasNpm = programs('npm').length > 0
const oldNode = programs('node').find(node => majorOf(node) < oldestNode)

/** A package is made in a copy of the checkout, so that nobody else's `build/` is touched. */
function installed (directory: string): { readonly packed: readonly string[], readonly prefix: string } {
  const [checkout, tarballs, prefix] = ['checkout', 'tarballs', 'prefix'].map(name => join(directory, name)) as [string, string, string]
  mkdirSync(tarballs)
  for (const name of ['package.json', 'README.md', 'LICENSE', 'scripts', 'src']) {
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  const npm = (cwd: string, ...args: string[]) => execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_config_cache: join(directory, 'cache'), npm_config_update_notifier: 'false', npm_config_offline: 'true' },
  })
  npm(checkout, 'pack', '--pack-destination', tarballs)
  const [tarball = ''] = globSync('*.tgz', { cwd: tarballs }).map(name => join(tarballs, name))
  npm(directory, 'install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', tarball)
  const packed = execFileSync('tar', ['--list', '--gzip', '--file', tarball], { encoding: 'utf8' }).split('\n').slice(0, -1)
  return { packed: packed.map(path => path.replace(/^package\//, '')).sort(), prefix }
}

t.test('what npm pack makes can be installed without a network, and is the whole product', {
  skip: !hasNpm && 'there is no npm on the path',
}, async t => {
  const directory = t.testdir()
  const { packed, prefix } = installed(directory)
  t.same(packed, ['LICENSE', 'README.md', 'build/sluice.cjs', 'build/sluice.cjs.LICENSES.txt', 'package.json'], 'only what it needs')
  t.same(readdirSync(join(prefix, 'lib/node_modules')), ['sluice'], 'and nothing beside it')

  const env = { PATH: process.env['PATH'], SLUICE_DATA_DIR: join(directory, 'data'), SLUICE_HTTP: 'off' }
  const sluice = async (args: readonly string[], input = '') => {
    const running = promisify(execFile)(join(prefix, 'bin/sluice'), args, { env, cwd: directory })
    running.child.stdin?.end(input)
    return (await running).stdout
  }
  t.equal(await sluice(['--version']), `${version}\n`)
  t.match(await sluice(['--help']), 'Usage: sluice')
  t.match(await sluice(['check']), /dataDir: .*data +# SLUICE_DATA_DIR/)
  const output = await sluice(['--stdin'], '{"status":200,"path":"/"}\nhello\n')
  const report = JSON.parse(output.split('\n').find(line => line.includes('"exit report"')) ?? '') as ExitReport
  t.match(report, { received: 2, delivered: 2, pending: 0, balanced: true })

  await t.test('on a Node that is too old it says so in one line', {
    skip: oldNode === undefined && `there is no Node older than ${oldestNode} on the path`,
  }, async t => {
    const node = oldNode ?? ''
    for (const args of [['--version'], ['check'], []]) {
      const ended = promisify(execFile)(node, [join(prefix, 'bin/sluice'), ...args], { env })
      await t.rejects(ended, {
        code: 1,
        stdout: '',
        stderr: new RegExp(`^sluice: expected Node ${oldestNode} or newer, found \\d+\\.\\d+\\.\\d+ \\(${node}\\)\\n$`),
      })
    }
  })
})
