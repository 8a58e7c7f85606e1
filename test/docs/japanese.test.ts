import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Each Japanese page with the one that it is of; an original that is not there yet has no sections to miss. */
const pages = ['README.ja.md', ...globSync('docs/ja/*.md', { cwd: root })].map(page => {
  const original = page === 'README.ja.md' ? 'README.md' : page.replace('docs/ja/', 'docs/')
  return { page, original, isThere: existsSync(join(root, original)) }
})

/** As GitHub makes them of headings. */
function sectionsOf (text: string): string[] {
  return [...text.replace(/```.*?```/gs, '').matchAll(/^## (.*)$/gm)]
    .map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'))
}

/** Lines that are commands or settings to copy: those that are indented. */
function linesToCopy (text: string): string[] {
  return text.replace(/```.*?```/gs, '').split('\n').filter(line => line.startsWith('    ')).map(line => line.trim())
}

t.test('no section of an original is missing: each is linked from its Japanese page', async t => {
  for (const { page, original, isThere } of pages) {
    if (!isThere) continue
    const link = relative(dirname(page), original)
    const missing = sectionsOf(read(original)).filter(section => !read(page).includes(`](${link}#${section})`))
    t.same(missing, [], `${page}: say it in Japanese, or link ${link}#…`)
  }
})

t.test('every line to copy stands in the original as it is', async t => {
  let count = 0
  for (const { page, original, isThere } of pages) {
    if (!isThere) continue
    const known = linesToCopy(read(original))
    const lines = linesToCopy(read(page))
    count += lines.length
    t.same(lines.filter(line => !known.includes(line)), [], page)
  }
  t.ok(count > 30, String(count))
})

t.test('every Japanese page is linked from the Japanese README, and that from the English one', async t => {
  const text = read('README.ja.md')
  t.same(pages.filter(({ page }) => page !== 'README.ja.md' && !text.includes(`](${page})`)), [])
  t.match(read('README.md'), '](README.ja.md)')
})

t.test('the figures beside Fluent Bit are those of the original', async t => {
  const figuresOf = (text: string) => {
    const rows = /\n## [^\n]*Fluent Bit[^\n]*\n[^]*?\n(\|[^]*?)\n\n/.exec(text)?.[1]?.split('\n').slice(2) ?? []
    return rows.map(row => row.split('|').slice(2).join('|').match(/\d[\d,.]*\d|\d/g))
  }
  const figures = figuresOf(read('README.md'))
  t.equal(figures.length, 8)
  t.same(figuresOf(read('README.ja.md')), figures)
})

t.test('every message of the log that it names is one of the page that has them all', async t => {
  const known = read('docs/log.md')
  const section = read('docs/ja/operations.md').split('## ログの主なメッセージ\n')[1]?.split('\n## ')[0] ?? ''
  const messages = [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) => cell.match(/`[^`]+`/g) ?? []).slice(1)
  t.ok(messages.length > 25, String(messages.length))
  t.same(messages.filter(message => !known.includes(message)), [])
})
