import { groupsOf, itemsOf, mapsOf, rowsOf, type Row } from '../../src/config/rows.ts'
import { isGroup, isItems, isKeyed, type SettingItems, type SettingMap, type SettingTree } from '../../src/config/setting.ts'
import { allowedOf } from '../../src/config/allowed.ts'
import { defaultOf, formatValue } from '../../src/config/values.ts'

const introduction = `# Configuration

<!-- Made by \`npm run generate\` from src/config/settings.ts: change it there. -->

Every setting has a default. With none set, Sluice listens where FireLens expects it and delivers to files below
\`dataDir\`. Settings come from these places; the first one that has a setting wins:

1. an environment variable: \`SLUICE_\` and the path in upper case, \`SLUICE_SPOOL_MAX_STALL\` for \`spool.maxStall\`
2. the YAML in the variable \`SLUICE_CONFIG_YAML\`
3. a YAML file: \`--config FILE\`, or the variable \`SLUICE_CONFIG\`
4. what ECS generated for Fluent Bit (\`firelens.config\`)

\`\`\`yaml
# yaml-language-server: $schema=config/schema.json
dataDir: /data
spool:
  sync: interval
routes:
  access:
    maxBytes: 4GiB
\`\`\`

A value in YAML may name variables of the environment: \`\${NAME}\`, or \`\${NAME:-default}\`, which an empty variable takes too.
\`$\${NAME}\` is the text \`\${NAME}\`.

\`sluice check [--config FILE]\` prints the settings that a process would run with and where each came from, or all mistakes
with their lines and columns. It opens nothing.

An invalid configuration (text that is not YAML, an unknown or repeated setting, a value of another type or out of range) ends
the process with exit code 78 before anything is opened. These only warn:

- An unknown \`SLUICE_\` variable is ignored.
- An empty variable is a value where the setting is text or a list. Elsewhere it counts as not set.
- A setting of the YAML whose value names a variable that is not set counts as not set.
- A setting that does nothing beside the others (\`storms.count\` without \`storms.divert\`) is told.
- Of settings that contradict each other, one gives way. If it is a default, there is no warning.
- A former name of a setting still works. Both names in one place are a mistake.
- A name that AWS may have added since this version (a region, a storage class, a retention, …) is used as it is, if it is well
  formed.

## Types

| Type | Written as | In the program |
| --- | --- | --- |
| size | \`64MiB\`, \`1.5GiB\`, \`500kB\`, \`4096\`; KiB, MiB, GiB, TiB are powers of 1,024, kB, MB, GB, TB of 1,000 | bytes |
| duration | \`60s\`, \`5m\`, \`250ms\`, \`1h30m\`; units ms, s, m, h, d, and only \`0\` without one | milliseconds |
| integer | \`16\` | |
| boolean | \`true\`, \`false\`; also yes, no, on, off, 1, 0 | |
| address | \`127.0.0.1:24224\`, \`localhost:2020\`, \`"[::1]:2020"\`; port 0: any free one | host and port |
| path | \`/var/lib/sluice\`; a relative one is below the working directory | |
| mode | \`0660\`, always octal | |
| choice | one of the words listed | |
| list | \`[one, two]\`; in a variable \`one,two\`; items may have the form \`key=value\` | |
| string | text; quotes are needed where YAML needs them | |
| template | text in which \`{name}\` and \`%Y\`, \`%m\`, \`%d\`, \`%H\` (UTC) are filled in; \`%%\` is a percent sign | |

Where \`off\` is allowed, it switches the feature off.

## Regular expressions

They are JavaScript's. \`^\` and \`$\` also match at the newlines within a joined record, \`(?i:…)\` ignores case, and \`(?v)\` at
the beginning is the flag \`v\`, for \`\\p{…}\` and sets in classes. Patterns of a Fluent Bit configuration are translated.

A pattern sees the whole record, joined, up to 64 KiB. It sees only 4,096 characters if it repeats something (\`*\`, \`+\`, \`{…}\`)
and also ignores case, looks ahead (\`(?=…)\`, \`(?!…)\`), refers back (\`\\1\`) or has the flag \`v\`. A longer record is kept if the
rest might match \`include\`.

A pattern takes time in proportion to the length of the record, whatever the record contains: about 10 ms for 64 KiB. With the lower
limit this holds unless the pattern has a repetition inside a repetition, as in \`(?i:(a+)+b)\`. Such a pattern can stop Sluice
for ever on a short line; write \`(?i:a+b)\`.
`

const adjustments = `
## Settings that contradict each other

- \`routes.*.maxBytes\` are reduced in proportion to fit \`spool.maxBytes\`, if it is set.
- \`objects.maxBytes\` is at most 16MiB with \`compression: none\`, since an object is in memory while it is sent; where only
  a container or a route has that, only for it.
- \`join.partials.maxBytes\` is at most \`join.partials.maxTotalBytes\`, \`join.traces.maxBytes\` at most \`join.traces.maxTotalBytes\`.
- \`redact.keys\` is empty with \`redact.preset: none\`, unless it is given.
- \`delivery.backoffMin\` is at most \`delivery.backoffMax\`.
- \`objects.level\` is at most 9 with \`compression: gzip\`; where only a container or a route has that, only for it.
- \`s3.encryption\` is \`aws:kms\` with an \`s3.kmsKeyId\`, unless it is \`aws:kms:dsse\`, which has no \`s3.bucketKey\`.
- \`cloudwatch.entity\` is left out if it has fewer than two key attributes.
`

/** The page docs/configuration.md. */
export function configurationPage (tree: SettingTree): string {
  const sections = groupsOf(tree)
    .map(({ path, group }) => `\n## ${path}\n\n${group.doc}\n${table(ownRows(group.settings, path))}`)
  const top = `\n## General\n${table(ownRows(tree, ''))}`
  const maps = mapsOf(tree).map(({ path, map }) => mapSection(path, map))
  const lists = itemsOf(tree).map(({ path, items }) => itemsSection(path, items))
  return [introduction, top, ...sections, ...maps, ...lists, adjustments].join('')
}

/** The settings that each name of a mapping has. They have no variables and no defaults. */
function mapSection (path: string, { doc, keys, each }: SettingMap): string {
  const title = path === 'routes' ? `${path}.${keys.example}` : path
  const lines = Object.entries(each).flatMap(([key, row]) => isGroup(row) || isKeyed(row) || isItems(row)
    ? []
    : [cellsLine([code(`${path}.${keys.example}.${key}`), allowedOf(row), `${row.doc} Example: ${code(row.example)}.`])])
  const head = '| Setting | Allowed | Meaning |\n| --- | --- | --- |'
  return `\n## ${title}\n\n${doc} Each key is ${keys.allowed}.\n\n${[head, ...lines].join('\n')}\n`
}

/** A list of mappings, with what each may hold. It has no variable. */
function itemsSection (path: string, { doc, fields, example }: SettingItems): string {
  const lines = Object.entries(fields).map(([key, field]) => cellsLine([code(key), field.doc]))
  const head = '| Key | Meaning |\n| --- | --- |'
  return `\n## ${path}\n\n${doc}\n\n\`\`\`yaml\n${example}\n\`\`\`\n\n${[head, ...lines].join('\n')}\n`
}

/** The settings directly in a group, without those of its own groups. */
function ownRows (tree: SettingTree, path: string): Row[] {
  const rows = Object.entries(tree).filter(([, row]) => !isGroup(row) && !isKeyed(row) && !isItems(row))
  return rowsOf(Object.fromEntries(rows), path)
}

function table (rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const head = '| Setting | Variable | Default | Allowed | Meaning |\n| --- | --- | --- | --- | --- |'
  return `\n${[head, ...rows.map(line)].join('\n')}\n`
}

function line ({ path, variable, setting, aliases }: Row): string {
  const marks = [
    ...(setting.secret === true ? ['Secret: never shown.'] : []),
    ...(aliases.length === 0 ? [] : [`Formerly ${aliases.map(code).join(', ')}, which still works.`]),
  ]
  const meaning = [setting.doc, ...marks, `Example: ${code(setting.example)}.`].join(' ')
  const cells = [code(path), code(variable), defaultCell(setting), allowedOf(setting), meaning]
  return cellsLine(cells)
}

function cellsLine (cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function defaultCell (setting: Row['setting']): string {
  if (setting.type === 'list') return setting.default.map(code).join(', ') || 'empty'
  const text = formatValue(setting, defaultOf(setting))
  return text === '' ? 'empty' : code(setting.type === 'size' || setting.type === 'duration' ? setting.default : text)
}

function code (text: string): string {
  return `\`${text}\``
}
