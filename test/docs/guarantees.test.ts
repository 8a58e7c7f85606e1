import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

t.test('every promise has a test that exists, by the words of its title', async t => {
  const [, section = ''] = read('docs/guarantees.md').split('## What shows it\n')
  const rows = [...section.split('\n## ')[0]?.matchAll(/^\| (.+) \| (.+) \|$/gm) ?? []].slice(1)
  t.ok(rows.length > 15, String(rows.length))
  for (const [, promise = '', test = ''] of rows) {
    const [, path = '', title = ''] = /^`(test\/[\w/.-]+\.test\.ts)`: “(.+)”$/.exec(test) ?? []
    t.ok(existsSync(join(root, path)) && title !== '' && read(path).includes(title), `${promise}: ${test}`)
  }
})
