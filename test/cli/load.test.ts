import { PassThrough } from 'node:stream'
import t from 'tap'
import { loadOrTell } from '../../src/cli/load.ts'

const io = (env: Readonly<Record<string, string>>) => ({ env, stderr: new PassThrough(), readFile: () => '' })

t.test('what cannot be understood is told, and gives no settings', async t => {
  const one = io({ SLUICE_ROUTES_ACCESS_MAX_BYTES: 'much' })
  t.equal(loadOrTell(one, undefined), undefined)
  t.match(String(one.stderr.read()), /SLUICE_ROUTES_ACCESS_MAX_BYTES/)
})

t.test('what is ignored is told with the mistakes, not only at the start after they are mended', async t => {
  const one = io({ SLUICE_ROUTES_ACCESS_MAX_BYTES: 'much', SLUICE_BUKET: 'logs' })
  t.equal(loadOrTell(one, undefined), undefined)
  t.match(String(one.stderr.read()).split('\n'), [
    'warning: unknown variable SLUICE_BUKET is ignored; did you mean SLUICE_BUCKET?',
    'one mistake in the configuration',
    /SLUICE_ROUTES_ACCESS_MAX_BYTES/,
  ])
})

t.test('mistakes fit a terminal, and are one line each in a pipe', async t => {
  const one = io({ SLUICE_ROUTES_ACCESS_MAX_BYTES: 'much', SLUICE_OBJECTS_COMPRESSION: 'brotli' })
  loadOrTell(one, undefined)
  t.equal(String(one.stderr.read()).trimEnd().split('\n').length, 3)
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 60 })
  loadOrTell({ ...one, stderr: terminal }, undefined)
  const lines = String(terminal.read()).split('\n')
  t.same(lines.filter(({ length }) => length > 60), [])
  t.ok(lines.some(line => line.startsWith('    ')))
})

t.test('once settings have been read, a pattern of theirs that would try for ever comes to an end', async t => {
  t.ok(loadOrTell(io({ SLUICE_BUCKET: 'logs', SLUICE_LOG_GROUP: '/ecs/shop/error' }), undefined))
  // By going back V8 would try 2^60 ways: the rest of this machine's days.
  t.notOk(/^(a+)+$/.test(`${'a'.repeat(60)}!`))
})
