import t from 'tap'
import { configSchema } from '../../../scripts/docs/json-schema.ts'
import { itemsOf, mapsOf, rowsOf } from '../../../src/config/rows.ts'
import { settings } from '../../../src/config/settings.ts'

t.test('the schema says what the items of a list are', async t => {
  const list = { type: 'list', default: [], doc: '', example: 'a' } as const
  const schema = JSON.parse(configSchema({
    words: { ...list, choices: ['a', 'b'], unique: 'item' },
    plain: { ...list, pattern: /^a/, maxItems: 3 },
    unicode: { ...list, pattern: /^\p{L}/u },
  })) as { readonly properties: object }
  t.match(schema.properties, {
    words: { items: { enum: ['a', 'b'] }, uniqueItems: true },
    plain: { items: { pattern: '^a', minLength: 1 }, maxItems: 3 },
    unicode: { items: { pattern: undefined, minLength: 1 } },
  })
})

t.test('the schema offers what is known, takes what AWS may have added, and strikes former names out', async t => {
  const schema = JSON.parse(configSchema({
    open: { type: 'choice', default: 'A', choices: ['A', 'B'], others: /^[A-Z]$/, doc: '', example: 'B', aliases: ['was'] },
    days: { type: 'integer', default: 1, min: 0, max: 9, values: [1, 3], others: true, doc: '', example: '3' },
    closed: { type: 'integer', default: 1, min: 0, max: 9, values: [1, 3], doc: '', example: '3' },
  })) as { readonly properties: object }
  t.match(schema.properties, {
    open: { anyOf: [{ enum: ['A', 'B'] }, { pattern: '^[A-Z]$' }] },
    was: { deprecationMessage: 'Now called open.' },
    days: { anyOf: [{ enum: [1, 3] }, { type: 'integer', maximum: 9 }] },
    closed: { enum: [1, 3] },
  })
})

t.test('the schema knows every setting, by its former names too, and no other', async t => {
  interface Node {
    properties?: Record<string, Node>
    patternProperties?: Record<string, Node>
    additionalProperties?: boolean | Node
  }
  const paths = (node: Node, parent: string): string[] => {
    // A mapping of names: what each may have.
    if (typeof node.additionalProperties === 'object') return paths(node.additionalProperties, `${parent}.*`)
    if (node.properties === undefined) return [parent]
    t.equal(node.additionalProperties, false, parent)
    const others = Object.values(node.patternProperties ?? {}).flatMap(child => paths(child, `${parent}.*`))
    return [...others, ...Object.entries(node.properties).flatMap(([key, child]) => paths(child, parent === '' ? key : `${parent}.${key}`))]
  }
  const each = mapsOf(settings).flatMap(({ path, map }) => rowsOf(map.each).map(row => `${path}.*.${row.path}`))
  const found = paths(JSON.parse(configSchema(settings)) as Node, '')
  const names = rowsOf(settings).flatMap(({ path, aliases }) => [path, ...aliases])
  const lists = itemsOf(settings).map(({ path }) => path)
  t.same(found.toSorted(), [...names, ...each, ...lists].toSorted())
})
