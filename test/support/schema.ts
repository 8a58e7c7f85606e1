/** As much of JSON Schema as the schemas need that tests hold documents against. */
export interface Schema {
  readonly type?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly pattern?: string
  readonly minLength?: number
  readonly minItems?: number
  readonly maxItems?: number
}

/** What of `value` the schema refuses, one line each. */
export function schemaMistakes (value: unknown, schema: Schema, path = '$'): string[] {
  const { type, required = [], properties = {}, items, pattern } = schema
  const { minLength = 0, minItems = 0, maxItems = Infinity } = schema
  const kind = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
  if (type !== undefined && kind !== type) return [`${path}: expected ${type}, found ${kind}`]
  if (typeof value === 'string') {
    const isRight = value.length >= minLength && (pattern === undefined || new RegExp(pattern).test(value))
    return isRight ? [] : [`${path}: ${JSON.stringify(value)} does not fit`]
  }
  if (Array.isArray(value)) {
    const count = value.length < minItems || value.length > maxItems ? [`${path}: ${value.length} items`] : []
    const each = items === undefined ? [] : value.flatMap((item, index) => schemaMistakes(item, items, `${path}[${index}]`))
    return [...count, ...each]
  }
  if (typeof value !== 'object' || value === null) return []
  const members = value as Readonly<Record<string, unknown>>
  return [
    ...required.filter(name => !(name in members)).map(name => `${path}: ${name} is required`),
    ...Object.entries(properties).filter(([name]) => name in members)
      .flatMap(([name, each]) => schemaMistakes(members[name], each, `${path}.${name}`)),
  ]
}
