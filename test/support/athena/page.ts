import { readFileSync } from 'node:fs'

export interface Column {
  readonly name: string
  readonly type: string
}

/** What a CREATE EXTERNAL TABLE of the page says. */
export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly partitions: readonly Column[]
  readonly serde: string
  readonly serdeProperties: Readonly<Record<string, string>>
  readonly location: string
  readonly properties: Readonly<Record<string, string>>
}

export interface Question {
  readonly title: string
  readonly sql: string
}

export interface AthenaPage {
  readonly tables: readonly Table[]
  readonly views: readonly string[]
  /** In their order. */
  readonly questions: readonly Question[]
}

/** The statements of docs/athena.md as they stand there. */
export function readAthenaPage (): AthenaPage {
  const page = readFileSync(new URL('../../../docs/athena.md', import.meta.url), 'utf8')
  const statements = [...page.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, sql = '']) => sql)
  const questions = [...page.matchAll(/^### (\d+\. .*)\n+```sql\n([^]*?)^```$/gm)]
    .map(([, title = '', sql = '']) => ({ title, sql }))
  const tables = statements.filter(sql => sql.startsWith('CREATE EXTERNAL TABLE'))
  const views = statements.filter(sql => sql.startsWith('CREATE OR REPLACE VIEW'))
  if (tables.length + views.length + questions.length !== statements.length) {
    throw new Error('expected every statement to be a table, a view or under the heading of a question')
  }
  return { tables: tables.map(readTable), views, questions }
}

/** Knows only the clauses that the page uses, in their order, so that a stray one is noticed. */
const tablePattern = new RegExp([
  /^CREATE EXTERNAL TABLE (?<name>\w+) \((?<columns>[^)]+)\)/,
  /PARTITIONED BY \((?<partitions>[^)]+)\)/,
  /ROW FORMAT SERDE '(?<serde>[^']+)'/,
  /WITH SERDEPROPERTIES \((?<serdeProperties>[^)]+)\)/,
  /LOCATION '(?<location>[^']+)'/,
  /TBLPROPERTIES \((?<properties>[^)]+)\)\n$/,
].map(({ source }) => source).join('\\s+'))

function readTable (sql: string): Table {
  const groups = tablePattern.exec(sql)?.groups
  if (groups === undefined) throw new Error(`expected a table as the page writes them, found:\n${sql}`)
  const { name = '', columns = '', partitions = '', serde = '', serdeProperties = '', location = '', properties = '' } = groups
  return {
    name,
    columns: readColumns(columns),
    partitions: readColumns(partitions),
    serde,
    serdeProperties: readProperties(serdeProperties),
    location,
    properties: readProperties(properties),
  }
}

function readColumns (list: string): Column[] {
  return list.split(',').map(each => {
    const [, name, type] = /^\s*`(\w+)` (\w+)\s*$/.exec(each) ?? []
    if (name === undefined || type === undefined) throw new Error(`expected a column, found ${each}`)
    return { name, type }
  })
}

/** `'name' = 'value'`; a value may hold commas. */
function readProperties (list: string): Record<string, string> {
  const rest = list.replace(/'[^']+' = '[^']*'/g, '').replace(/[\s,]/g, '')
  if (rest !== '') throw new Error(`expected properties, found ${rest}`)
  return Object.fromEntries([...list.matchAll(/'([^']+)' = '([^']*)'/g)].map(([, name, value]) => [name, value]))
}
