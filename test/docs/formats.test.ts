import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { explainJson } from '../cli/explain/world.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8')

interface Row {
  readonly program: string
  readonly lines: readonly string[]
  readonly class: string
  readonly level: string
  readonly fields: readonly string[]
}

/** The rows of the table below a heading. */
function rowsOf (heading: string): readonly Row[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return section.split('\n').filter(line => line.startsWith('| ') && !line.startsWith('| program ')).map(line => {
    const [, program = '', example = '', recordClass = '', level = '', fields = ''] = line.split(/ ?\| ?(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)/)
    const inCode = (text: string) => [...text.matchAll(/`([^`]*)`/g)].map(([, code = '']) => code)
    return { program, lines: inCode(example), class: recordClass.trim(), level: level.trim(), fields: inCode(fields) }
  })
}

for (const [heading, source, least] of [['Standard error', 'stderr', 35], ['Standard output', 'stdout', 11]] as const) {
  t.test(`every example of the page is what the page says: ${heading}`, async t => {
    const rows = rowsOf(heading)
    t.ok(rows.length >= least, `${rows.length} rows`)
    for (const { program, lines, class: recordClass, level, fields } of rows) {
      t.ok(lines.length > 0, program)
      const found = await explainJson({ argv: ['--source', source, '-'], input: `${lines.join('\n')}\n`, env: { SLUICE_ERROR_FORMAT: 'json' } })
      t.same(found.map(record => [record.class, record.level ?? '', record.lines]), [[recordClass, level, lines.map((_, index) => index + 1)]], program)
      for (const field of fields) {
        const [, name = '', value] = /^(\w+): (.*)$/.exec(field) ?? []
        t.equal(String(found[0]?.fields?.[name]), value, `${program}: ${name}`)
      }
    }
  })
}
