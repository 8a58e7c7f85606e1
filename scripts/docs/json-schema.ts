import { isGroup, isItems, isKeyed, type ListSetting, type Setting, type SettingGroup, type SettingItems, type SettingMap, type SettingRow, type SettingTree } from '../../src/config/setting.ts'
import { allowedOf } from '../../src/config/allowed.ts'
import { defaultOf, formatValue } from '../../src/config/values.ts'

interface Schema { readonly [key: string]: unknown }

/**
 * A JSON Schema of the settings, with which editors complete, explain, and find most mistakes. Bounds of sizes and
 * durations are only in the descriptions; `sluice check` finds every mistake.
 *
 * Draft 7, which is what the YAML language server knows best. Source: https://json-schema.org/draft-07
 */
export function configSchema (tree: SettingTree): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of Sluice',
    definitions: { variable: { type: 'string', pattern: variable } },
    ...groupSchema(tree),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

/** `${NAME}` or `${NAME:-default}` anywhere in a text: only the start knows the value. */
const variable = '\\$\\{[A-Za-z_]\\w*(:-[^}]*)?\\}'

/** What the schema takes, or a text with a variable. */
function orVariable (schema: Schema): Schema {
  const { type, pattern, anyOf } = schema
  const isAnyText = pattern === undefined && (type === 'string' || (Array.isArray(type) && type.includes('string')))
  if (isAnyText) return schema
  const variable = { $ref: '#/definitions/variable' }
  return { anyOf: [...Array.isArray(anyOf) ? anyOf as unknown[] : [schema], variable] }
}

function groupSchema (tree: SettingTree, doc?: string): Schema {
  return {
    ...(doc === undefined ? {} : { description: doc }),
    // A group in which every line is commented out is null.
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(tree).flatMap(([key, row]) => {
      const schema = rowSchema(row)
      const names = 'aliases' in row ? row.aliases ?? [] : []
      // Editors take a former name too, and strike it out.
      return [[key, schema], ...names.map(name => [lastKey(name), { ...schema, deprecationMessage: `Now called ${key}.` }])]
    })),
  }
}

function lastKey (path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function rowSchema (row: SettingRow): Schema {
  if (isKeyed(row)) return mapSchema(row)
  if (isItems(row)) return itemsSchema(row)
  return isGroup(row) ? wholeGroupSchema(row) : settingSchema(row)
}

/** The settings of an entry have no defaults: those that it does not set are as for all. */
function mapSchema ({ doc, keys, each }: SettingMap): Schema {
  const properties = Object.entries(each).map(([key, row]) => {
    const { default: _, ...schema } = rowSchema(row)
    return [key, schema]
  })
  return {
    description: doc,
    type: ['object', 'null'],
    propertyNames: { pattern: keys.pattern.source },
    additionalProperties: { type: ['object', 'null'], additionalProperties: false, properties: Object.fromEntries(properties) },
  }
}

/** A group, with the entries under names that an operator chooses. */
function wholeGroupSchema ({ settings, doc, others }: SettingGroup): Schema {
  const group = groupSchema(settings, doc)
  if (others === undefined) return group
  const { additionalProperties } = mapSchema(others)
  const { additionalProperties: _, ...schema } = group
  const patternProperties = { [others.keys.pattern.source]: additionalProperties }
  return { ...schema, patternProperties, additionalProperties: false }
}

function itemsSchema ({ doc, fields }: SettingItems): Schema {
  const properties = Object.fromEntries(Object.entries(fields).map(([key, { doc: description, schema }]) =>
    [key, { description, ...isOfWords(schema) ? orVariable({ ...schema }) : schema }]))
  const items = { type: 'object', additionalProperties: false, properties }
  return { description: doc, type: ['array', 'null'], items }
}

/** Whether a field of an item is one value that is no text. */
function isOfWords (schema: object): boolean {
  return 'const' in schema || 'enum' in schema || ('type' in schema && schema.type === 'integer')
}

function settingSchema (setting: Setting): Schema {
  const description = `${setting.doc}\nAllowed: ${allowedOf(setting)}.`
  if (setting.type === 'list') {
    const { maxItems, unique } = setting
    return {
      description,
      type: 'array',
      items: orVariable(itemSchema(setting)),
      ...(maxItems === undefined ? {} : { maxItems }),
      ...(unique === undefined ? {} : { uniqueItems: true }),
      default: setting.default,
    }
  }
  const examples = [exampleJson(setting)]
  return { description, ...orVariable(typeSchema(setting)), default: defaultJson(setting), examples }
}

function itemSchema ({ choices, pattern }: ListSetting): Schema {
  if (choices !== undefined) return { enum: choices }
  // Editors differ in how they read Unicode patterns.
  const isPlain = pattern !== undefined && !pattern.unicode
  return { type: ['string', 'number'], minLength: 1, ...(isPlain ? { pattern: pattern.source } : {}) }
}

function typeSchema (setting: Exclude<Setting, { type: 'list' }>): Schema {
  const off = 'canBeOff' in setting && setting.canBeOff === true ? '|off' : ''
  switch (setting.type) {
    case 'boolean': return { type: 'boolean' }
    case 'integer':
      return orOther(setting.values, setting.values === undefined || setting.others !== undefined
        ? { type: 'integer', minimum: setting.min, maximum: setting.max }
        : undefined)
    case 'choice':
      return orOther([...new Set([...setting.choices, ...setting.words?.keys() ?? []])], setting.others && { type: 'string', pattern: setting.others.source })
    case 'size': return { type: ['string', 'integer'], minimum: 0, pattern: `^(\\d+|\\d+(\\.\\d+)? ?([kMGT]B|[KMGT]iB|B)${off})$` }
    case 'duration': return { type: ['string', 'integer'], maximum: 0, pattern: `^(0|(\\d+(\\.\\d+)?(ms|[smhd]))+${off})$` }
    case 'address': return { type: 'string', pattern: `^((\\[[^\\]]+\\]|[\\w.-]+):\\d{1,5}${off})$` }
    case 'mode': return { type: ['string', 'integer'], pattern: '^(0o?)?[0-7]{3,4}$' }
    case 'path': return { type: 'string', ...(setting.canBeEmpty === true ? {} : { minLength: 1 }) }
    case 'template': return { type: 'string', minLength: 1 }
    case 'string': return { type: ['string', 'number'], ...(setting.pattern === undefined ? {} : { pattern: setting.pattern.source }) }
  }
}

/** The known values, which an editor offers, or others of this form. */
function orOther (known: readonly unknown[] | undefined, other: Schema | undefined): Schema {
  if (known === undefined) return other ?? {}
  return other === undefined ? { enum: known } : { anyOf: [{ enum: known }, other] }
}

function defaultJson (setting: Setting): unknown {
  if (setting.type === 'boolean' || setting.type === 'integer') return setting.default
  return setting.type === 'size' || setting.type === 'duration' ? setting.default : formatValue(setting, defaultOf(setting))
}

function exampleJson (setting: Setting): unknown {
  if (setting.type === 'boolean') return setting.example === 'true'
  return setting.type === 'integer' ? Number(setting.example) : setting.example
}
