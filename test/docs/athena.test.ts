import t from 'tap'
import { settings } from '../../src/config/settings.ts'
import { readAthenaPage, type Table } from '../support/athena/page.ts'
import { apacheLine, loggedKeys, makeRequests } from '../support/athena/requests.ts'

const page = readAthenaPage()

t.test('the columns are the keys of the LogFormat, and those that Sluice gives an invalid line', async t => {
  const columns = Object.fromEntries(page.tables.map(({ name, columns }) => [name, columns.map(column => column.name)]))
  t.same(columns, { access: loggedKeys, invalid: ['time', 'raw', 'reason'] })
  const [request] = makeRequests()
  const line = JSON.parse(request === undefined ? '' : apacheLine(request)) as Record<string, unknown>
  const typeOf = (value: unknown) => typeof value === 'number' ? /^(int|bigint)$/ : /^string$/
  for (const { name, type } of page.tables[0]?.columns ?? []) t.match(type, typeOf(line[name]), name)
})

t.test('location and template are the default key up to its last folder', async t => {
  const templateOf = ({ name, properties, location }: Table) => {
    const folder = settings.objects.settings.key.default.replace(/[^/]*$/, '')
    const expected = 's3://shop-logs/' + folder.replace('{prefix}', 'production/').replace('{class}', name)
    t.equal(properties['storage.location.template'],
      expected.replace('%Y-%m-%d', '$' + '{dt}').replace('%H', '$' + '{hour}'))
    t.equal(location, expected.slice(0, expected.indexOf('dt=')))
  }
  page.tables.forEach(templateOf)
})
