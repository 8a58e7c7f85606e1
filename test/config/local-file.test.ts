import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { readerOf } from '../support/read-file.ts'

t.test('the file for development is understood and stays in the checkout', async t => {
  const text = readFileSync(new URL('../../config/local.yaml', import.meta.url), 'utf8')
  const { config, warnings } = loadConfig({ configFile: 'a.yaml', env: {}, readFile: readerOf({ 'a.yaml': text }) })
  t.same(warnings, [])
  t.match([config.unixSocket, config.dataDir], [/^\.sluice\//, /^\.sluice\//])
  t.match([config.tcp, config.http], [{ host: '127.0.0.1' }, { host: '127.0.0.1' }])
})
