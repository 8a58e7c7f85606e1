import t from 'tap'
import { readerOf } from '../support/read-file.ts'
import { effectiveSettings } from '../../src/config/effective-settings.ts'
import { loadConfig, readSettings, type SettingValues } from '../../src/config/load.ts'
import { rowsOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'

t.test('a secret is masked wherever it comes from, and an empty one is seen to be empty', async t => {
  const tree = {
    users: {
      doc: 'Users.',
      settings: {
        password: { type: 'string', default: '', doc: 'Password.', example: 'x', secret: true },
        other: { type: 'string', default: '', doc: 'Other password.', example: 'x', secret: true },
        key: { type: 'string', default: 'off', canBeOff: true, doc: 'Key.', example: 'x', secret: true },
        names: { type: 'list', default: [], doc: 'Names.', example: 'x', secret: true },
        nobody: { type: 'list', default: [], doc: 'Nobody.', example: 'x', secret: true },
      },
    },
  } as const
  const input = { env: { SLUICE_USERS_PASSWORD: 'hunter2', SLUICE_USERS_NAMES: 'hunter=2' }, readFile: () => '' }
  const { values, origins } = readSettings(tree, input)
  t.same(effectiveSettings(tree, values, origins), [
    { text: 'users:', origin: undefined, isDefault: true },
    { text: '  password: "********"', origin: 'SLUICE_USERS_PASSWORD', isDefault: false },
    { text: '  other: ""', origin: 'default', isDefault: true },
    { text: '  key: off', origin: 'default', isDefault: true },
    { text: '  names: ["********"]', origin: 'SLUICE_USERS_NAMES', isDefault: false },
    { text: '  nobody: []', origin: 'default', isDefault: true },
  ])
})

t.test('the lines are YAML that gives the same configuration again', async t => {
  const awkward: Record<string, string> = {
    hostId: '007', prefix: ' a: "b" #cé', 'ecs.cluster': ' a: "b" #c\n\té', bucket: 'true', logGroup: 'null', dataDir: '0x1F', unixSocket: '- ', http: '[::1]:0',
  }
  // A secret is not shown, and only one of two files and texts is given.
  const isShown = (path: string) => !path.startsWith('tcpAuth.') && path !== 'httpToken'
  const rows = rowsOf(settings).filter(({ path }) => isShown(path))
  const examples = rows.map(({ path, variable, setting }) => [variable, awkward[path] ?? setting.example])
  // The route that the example of `copyTo` names.
  const yaml = 'routes: {archive: {to: s3, maxBytes: 1GiB}}\nrules: [{name: "on", when: {path: "~^/[a-z]+$", status: ">=500"}, add: {a: "1"}}]'
  for (const env of [{}, { ...Object.fromEntries(examples), SLUICE_CONFIG_YAML: yaml } as Record<string, string>]) {
    const { config, origins } = loadConfig({ env, readFile: () => '' })
    const lines = effectiveSettings(settings, config as unknown as SettingValues, origins)
    const text = lines.map(line => line.text).join('\n')
    t.same(loadConfig({ configFile: 'a.yaml', env: {}, readFile: readerOf({ 'a.yaml': text }) }).config, config)
  }
})
