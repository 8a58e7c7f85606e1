import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { AthenaPage, Column, Table } from './page.ts'

export type Row = Readonly<Record<string, unknown>>

/** DuckDB in Athena's place: it asks the objects of a bucket what the page asks. */
export interface Engine {
  /** Rows in order; numbers as numbers, times as ISO 8601. */
  ask (sql: string): Promise<Row[]>
}

/**
 * Functions of Trino that DuckDB lacks or has with another meaning, as the page uses them: anything else gives NULL.
 * Source: https://trino.io/docs/current/functions.html
 */
const trinoFunctions = [
  // As Joda parses it: six digits of a second, of which milliseconds are kept, and an offset without a colon.
  `CREATE MACRO parse_datetime(text, format) AS CASE format
    WHEN 'yyyy-MM-dd''T''HH:mm:ss.SSSSSSZ'
    THEN date_trunc('milliseconds', strptime(text, '%Y-%m-%dT%H:%M:%S.%f%z')) END`,
  `CREATE MACRO date_add(unit, count, moment) AS CASE unit
    WHEN 'millisecond' THEN CAST(moment + to_milliseconds(count) AS TIMESTAMP_MS) END`,
  'CREATE MACRO sequence(first_one, last_one, step) AS generate_series(first_one, last_one, step)',
  // NULL where nothing matches; DuckDB's own gives an empty string.
  `CREATE MACRO regexp_extract(text, pattern, part) AS CASE WHEN regexp_matches(text, pattern)
    THEN system.main.regexp_extract(text, pattern, part) END`,
  // Trino's is an estimate.
  'CREATE MACRO approx_percentile(value, part) AS quantile_disc(value, part)',
]

/** A connection on which the page's tables and views stand on the objects below `bucketDirectory`. */
export async function createEngine (page: AthenaPage, bucketDirectory: string): Promise<Engine & Disposable> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  // What `/` does with integers, and where times without a zone are.
  for (const sql of ['SET integer_division = true', "SET TimeZone = 'UTC'", ...trinoFunctions]) await connection.run(sql)
  for (const table of page.tables) await createTable(connection, table, bucketDirectory)
  for (const view of page.views) await connection.run(view)
  return {
    ask: async sql => (await connection.runAndReadAll(sql)).getRowObjectsJS().map(row =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]))),
    [Symbol.dispose]: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

function plainValue (value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Date ? value.toISOString() : value
}

const typeOf: Readonly<Record<string, string>> = { string: 'VARCHAR', int: 'INTEGER', bigint: 'BIGINT' }

/**
 * A view in the place of the external table: of the objects in the folders that the projection computes and of no
 * other, with the columns that the statement lists and `"$path"`.
 */
async function createTable (connection: DuckDBConnection, table: Table, bucketDirectory: string): Promise<void> {
  const keys = objectKeys(bucketDirectory)
  const parts = projectedPartitions(table).flatMap(({ values, location }) => {
    const files = keys.filter(key => key.startsWith(keyOf(location))).map(key => literal(join(bucketDirectory, key)))
    if (files.length === 0) return []
    const partition = table.partitions.map(({ name, type }) =>
      `CAST(${literal(values[name] ?? '')} AS ${typeOf[type]}) AS ${name}`)
    return [`SELECT ${[...table.columns.map(column => columnOf(table, column)), ...partition].join(', ')}, ` +
      `filename AS "$path" FROM read_json([${files.join(', ')}], format = 'newline_delimited', filename = true, ` +
      `ignore_errors = ${table.serdeProperties['ignore.malformed.json']}, ` +
      `columns = {${table.columns.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(', ')}})`]
  })
  await connection.run(`CREATE VIEW ${table.name} AS ${parts.join(' UNION ALL ')}`)
}

function columnOf ({ serdeProperties }: Table, { name, type }: Column): string {
  const cast = serdeProperties['use.null.for.invalid.data'] === 'true' ? 'TRY_CAST' : 'CAST'
  return `${cast}("${name}" AS ${typeOf[type]}) AS "${name}"`
}

export interface ProjectedPartition {
  readonly values: Readonly<Record<string, string>>
  readonly location: string
}

/**
 * Every partition of a table up to the end of 2026, its values as they stand in the folder's name.
 * Source: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function projectedPartitions ({ partitions, properties }: Table): ProjectedPartition[] {
  const all = partitions.map(({ name }) => valuesOf(name, properties).map(value => ({ [name]: value })))
  const combined = all.reduce((left, right) => left.flatMap(one => right.map(other => ({ ...one, ...other }))))
  const template = properties['storage.location.template'] ?? ''
  return combined.map(values => ({
    values,
    location: template.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? ''),
  }))
}

const dayMs = 86_400_000

function valuesOf (name: string, properties: Table['properties']): string[] {
  const property = (key: string) => properties[`projection.${name}.${key}`] ?? ''
  const [from = '', to = ''] = property('range').split(',')
  if (property('type') === 'integer') {
    const digits = Number(property('digits'))
    return Array.from({ length: Number(to) - Number(from) + 1 },
      (_, index) => String(Number(from) + index).padStart(digits, '0'))
  }
  const isDaily = property('type') === 'date' && property('format') === 'yyyy-MM-dd' && to === 'NOW' &&
    property('interval') === '1' && property('interval.unit') === 'DAYS'
  if (!isDaily) throw new Error(`expected a projection of integers or days, found that of ${name}`)
  const days: string[] = []
  for (let ms = Date.parse(from); ms < Date.parse('2027-01-01'); ms += dayMs) {
    days.push(new Date(ms).toISOString().slice(0, 10))
  }
  return days
}

/** The keys of all objects below a directory that stands for a bucket. */
export function objectKeys (bucketDirectory: string): string[] {
  return globSync('**/*.ndjson*', { cwd: bucketDirectory }).sort()
}

/** The key, or the beginning of keys, that an `s3://` address names. */
export function keyOf (address: string): string {
  return address.replace(/^s3:\/\/[^/]+\//, '')
}

function literal (text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
