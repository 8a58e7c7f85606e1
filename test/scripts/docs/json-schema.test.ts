/* eslint no-template-curly-in-string: off -- they are what is tested */
import t from 'tap'
import { configSchema } from '../../../scripts/docs/json-schema.ts'
import { itemsOf, mapsOf, rowsOf } from '../../../src/config/rows.ts'
import { settings } from '../../../src/config/settings.ts'

const variable = { $ref: '#/definitions/variable' }

t.test('the schema says what the items of a list are', async t => {
  const list = { type: 'list', default: [], doc: '', example: 'a' } as const
  const schema = JSON.parse(configSchema({
    words: { ...list, choices: ['a', 'b'], unique: 'item' },
    plain: { ...list, pattern: /^a/, maxItems: 3 },
    unicode: { ...list, pattern: /^\p{L}/u },
  })) as { readonly properties: object }
  t.match(schema.properties, {
    words: { items: { anyOf: [{ enum: ['a', 'b'] }, variable] }, uniqueItems: true },
    plain: { items: { anyOf: [{ pattern: '^a', minLength: 1 }, variable] }, maxItems: 3 },
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
    open: { anyOf: [{ enum: ['A', 'B'] }, { pattern: '^[A-Z]$' }, variable] },
    was: { deprecationMessage: 'Now called open.' },
    days: { anyOf: [{ enum: [1, 3] }, { type: 'integer', maximum: 9 }, variable] },
    closed: { anyOf: [{ enum: [1, 3] }, variable] },
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

interface TextSchema {
  readonly $ref?: string
  readonly anyOf?: readonly TextSchema[]
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly items?: TextSchema
  readonly properties?: Readonly<Record<string, TextSchema>>
  readonly patternProperties?: Readonly<Record<string, TextSchema>>
  readonly additionalProperties?: boolean | TextSchema
  readonly definitions?: Readonly<Record<string, TextSchema>>
}

t.test('a text with a variable may stand wherever the YAML takes one, and no other text does', async t => {
  const schema = JSON.parse(configSchema(settings)) as TextSchema
  const takes = (each: TextSchema, text: string): boolean => {
    if (each.$ref !== undefined) return takes(schema.definitions?.['variable'] ?? {}, text)
    if (each.anyOf !== undefined) return each.anyOf.some(one => takes(one, text))
    if (each.enum !== undefined) return each.enum.includes(text)
    if ('const' in each) return each.const === text
    const isText = each.type === undefined || [each.type].flat().includes('string')
    return isText && (each.pattern === undefined || new RegExp(each.pattern).test(text))
  }
  const names = [...mapsOf(settings).map(({ map }) => map.each), settings].flatMap(tree => rowsOf(tree))
  const leaves = (each: TextSchema, path: string): (readonly [string, TextSchema])[] => {
    const children = [
      ...Object.entries(each.properties ?? {}), ...Object.entries(each.patternProperties ?? {}),
      ...typeof each.additionalProperties === 'object' ? [['*', each.additionalProperties] as const] : [],
    ]
    if (children.length > 0) return children.flatMap(([key, child]) => leaves(child, `${path}.${key}`))
    return each.items?.properties === undefined ? [[path, each.items ?? each]] : leaves(each.items, path)
  }
  const found = leaves(schema, '')
  t.ok(found.length >= names.length)
  for (const [path, leaf] of found) {
    for (const text of ['${NAME}', '${NAME:-off}', 'a-${NAME}-b']) t.ok(takes(leaf, text), `${path}: ${text}`)
  }
  for (const path of ['.http', '.routes.access.maxBytes', '.spool.maxStall', '.error.minLevel', '.s3.bucketKey', '.routes.access.to']) {
    const [, leaf = {}] = found.find(([name]) => name === path) ?? []
    for (const text of ['$NAME', '${1}', '${NAME', 'no value']) t.notOk(takes(leaf, text), `${path}: ${text}`)
  }
})
