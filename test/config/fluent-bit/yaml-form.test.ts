import fc from 'fast-check'
import t from 'tap'
import { parseClassic } from '../../../src/config/fluent-bit/classic.ts'
import { variablesOf, type ParsedFile } from '../../../src/config/fluent-bit/sections.ts'
import { parseYamlForm } from '../../../src/config/fluent-bit/yaml-form.ts'

/** How a file refers to a variable. */
const of = (name: string) => '$' + `{${name}}`
const without = ({ parts }: ParsedFile) => parts.map(part => 'kind' in part
  ? { ...part, where: '' }
  : { name: part.name, entries: part.entries.map(({ key, value, filled }) => [key.toLowerCase(), value, filled]) })

t.test('the YAML form gives the same sections as the classic one', async t => {
  const yaml = `
env:
  STAGE: live
service: { flush: 1, http_server: on }
includes: [more.yaml]
parsers:
  - { name: json, format: json }
stream_processor:
  - name: errors
    exec: "CREATE STREAM a WITH (tag='a') AS SELECT * FROM TAG:'*';"
pipeline:
  inputs:
    - name: forward
      unix_path: /s
  filters:
    - &grep
      name: grep
      match: '*'
      exclude:
        - log a
        - log b
  outputs:
    - name: s3
      match: '*'
      bucket: ${of('STORE')}-${of('STAGE')}
      total_file_size: 10M
      s3_key_format: /%Y/${of('NONE')}
`
  const classic = `
@SET STAGE=live
[SERVICE]
  flush 1
  http_server on
@INCLUDE more.yaml
[PARSER]
  name json
  format json
[STREAM_TASK]
  name errors
  exec CREATE STREAM a WITH (tag='a') AS SELECT * FROM TAG:'*';
[INPUT]
  name forward
  unix_path /s
[FILTER]
  name grep
  match *
  exclude log a
  exclude log b
[OUTPUT]
  name s3
  match *
  bucket ${of('STORE')}-${of('STAGE')}
  total_file_size 10M
  s3_key_format /%Y/${of('NONE')}
`
  const variables = variablesOf({ STORE: 'shop' })
  t.same(without(parseYamlForm('f', yaml, variables)), without(parseClassic('f', classic, variables)))
})

t.test('every line has its place, and what is no part of a configuration is told', async t => {
  const { parts } = parseYamlForm('f', 'pipeline:\n  outputs:\n    - name: s3\n      match: a\nnonsense: 1\n', variablesOf({}))
  t.match(parts, [{ where: 'f:3', entries: [{ where: 'f:3' }, { where: 'f:4' }] }, { kind: 'unknown', text: '"nonsense"', where: 'f:5' }])
  t.match(parseYamlForm('f', 'a: [', variablesOf({})).parts, [{ kind: 'unknown', text: /is not YAML/ }])
})

t.test('a processor is a line of its section that says what it is', async t => {
  const yaml = 'pipeline:\n  inputs:\n    - name: forward\n      processors:\n        logs:\n          - name: content_modifier\n            action: insert\n            key: a\n'
  t.match(parseYamlForm('f', yaml, variablesOf({})).parts, [{ entries: [{}, { key: 'processors', value: 'content_modifier action insert key a', where: 'f:6' }] }])
})

t.test('no text throws', async t => {
  const piece = fc.constantFrom('pipeline:', 'outputs:', '\n', '  ', '- ', 'name: s3', '{', '}', '[', ']', ':', '&a', '*a', '"', '$' + '{A}', '\0')
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(piece).map(pieces => pieces.join('')), text => {
    parseYamlForm('f', text, variablesOf({ A: 'b' }))
  })))
})
