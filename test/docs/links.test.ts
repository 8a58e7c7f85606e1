import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const pages = globSync(['*.md', 'docs/**/*.md', 'bench/*.md', 'docker/**/*.md'], { cwd: root })

/** As GitHub makes them of headings. */
function anchorsOf (path: string): ReadonlySet<string> {
  return new Set(readFileSync(path, 'utf8').split('\n').filter(line => /^#+ /.test(line))
    .map(line => line.replace(/^#+ /, '').toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')))
}

t.test('every link to a file of the checkout, and to a heading in it, leads somewhere', async t => {
  t.ok(pages.length > 15)
  let count = 0
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8').replace(/```.*?```/gs, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      count++
      const [file = '', anchor] = target.split('#')
      const path = file === '' ? join(root, page) : join(root, dirname(page), file)
      const isThere = existsSync(path)
      t.ok(isThere, `${page}: ${target}`)
      if (isThere && anchor !== undefined && path.endsWith('.md')) {
        t.ok(anchorsOf(path).has(anchor), `${page}: ${target} of ${relative(root, path)}`)
      }
    }
  }
  t.ok(count > 60)
})

t.test('the README is read in one go: under 150 lines, in both languages', async t => {
  for (const page of ['README.md', 'README.ja.md']) t.ok(readFileSync(join(root, page), 'utf8').split('\n').length < 150, page)
})

t.test('every page of the manual is linked from the README, and every decision from their list', async t => {
  const unlinked = (list: string, pattern: string) => {
    const text = readFileSync(join(root, list), 'utf8')
    return globSync(pattern, { cwd: root })
      .filter(page => page !== list && !text.includes(`](${relative(dirname(list), page)})`))
  }
  t.same(unlinked('README.md', 'docs/*.md'), [])
  t.same(unlinked('docs/decisions/README.md', 'docs/decisions/*.md'), [])
})
