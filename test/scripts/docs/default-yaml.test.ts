import t from 'tap'
import { defaultYaml } from '../../../scripts/docs/default-yaml.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { itemsOf, rowsOf } from '../../../src/config/rows.ts'
import { settings } from '../../../src/config/settings.ts'
import { readerOf } from '../../support/read-file.ts'

const load = (text: string) => loadConfig({ configFile: 'a.yaml', env: {}, readFile: readerOf({ 'a.yaml': text }) })

t.test('the default file changes nothing, and with its settings switched on says the defaults', async t => {
  const standard = loadConfig({ env: {}, readFile: () => '' })
  t.equal(load(defaultYaml(settings)).origins.size, 0)
  const switchedOn = load(defaultYaml(settings).replace(/^#( *\w+:)/gm, '$1'))
  t.same(switchedOn.config, standard.config)
  t.equal(switchedOn.origins.size, rowsOf(settings).length + itemsOf(settings).length)
})
