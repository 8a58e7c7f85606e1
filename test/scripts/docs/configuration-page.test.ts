import t from 'tap'
import { configurationPage } from '../../../scripts/docs/configuration-page.ts'
import { groupsOf, mapsOf, rowsOf } from '../../../src/config/rows.ts'
import { settings } from '../../../src/config/settings.ts'

t.test('the manual has every setting and every variable', async t => {
  const page = configurationPage(settings)
  for (const { path, variable } of rowsOf(settings)) t.match(page, `| \`${path}\` | \`${variable}\` |`)
  for (const { path } of [...groupsOf(settings), ...mapsOf(settings)]) t.match(page, `## ${path}\n`)
})
