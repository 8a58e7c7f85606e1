import { errorLevels } from '../../contracts/levels.ts'
import type { SettingItems } from '../setting.ts'
import { fieldWords, matchFields } from './fields.ts'
import { readRules, type RuleSettings } from './read-rules.ts'
import { readTests, type RuleTest } from './read-tests.ts'

const scalar = { type: ['string', 'number', 'boolean'] }
const oneOrMore = { anyOf: [scalar, { type: 'array', items: scalar, minItems: 1 }] }
const mapping = { type: 'object', additionalProperties: scalar }
const match = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...Object.fromEntries(Object.entries(matchFields).map(([name, field]) =>
      [name, { description: `${field.doc}\nAllowed: ${fieldWords(field)}.`, ...oneOrMore }])),
    keys: { description: 'Values of keys of the line, which is JSON; `context.user` is a key within an object, `tags[0]` the first element of an array.', type: 'object', additionalProperties: oneOrMore },
  },
}

const fieldNames = Object.keys(matchFields).map(name => `\`${name}\``).join(', ')

export const rules: SettingItems<RuleSettings> & { readonly readItems: typeof readRules } = {
  doc: 'Rules of one\'s own, in order: the first that matches a record decides, and no other is asked. Recipes: [rules.md](rules.md).',
  fields: {
    name: { doc: 'Name of the rule, in metrics and in `sluice explain`.', schema: { type: 'string' } },
    when: { doc: `What must hold, all of it: ${fieldNames}, and \`keys\` with keys of a line of JSON, \`context.user\` being one within an object and \`tags[0]\` the first element of an array. Of a list one value must hold. Absent: the rule matches every record.`, schema: match },
    unless: { doc: 'As `when`; a record for which all of it holds is not matched.', schema: match },
    filter: { doc: '`true`: the record is left out, and counted by the name of the rule.', schema: { const: true } },
    sample: { doc: 'Of so many records one is kept, the others are left out and counted. Records of one trace id are kept together.', schema: { type: 'integer', minimum: 2 } },
    route: { doc: 'Name of the route that takes the record: one of `routes`.', schema: { type: 'string' } },
    copyTo: { doc: 'Routes that take it besides.', schema: oneOrMore },
    level: { doc: 'Level of an error, in the place of the one that it has; of a line of JSON the key `level`.', schema: { enum: errorLevels } },
    add: { doc: 'Keys that a line of JSON gets, in the place of those that it has.', schema: mapping },
    remove: { doc: 'Keys that it loses.', schema: oneOrMore },
    rename: { doc: 'New names of its keys, by the old ones. A key that the line has already is left as it is.', schema: mapping },
    mask: { doc: 'Keys whose values become `"***"`.', schema: oneOrMore },
  },
  example: [
    'rules:',
    '  - name: static-files',
    '    when: {class: access, path: "/static/*", status: "<400"}',
    '    sample: 100',
    '  - name: slow-requests',
    '    when: {duration: ">2s"}',
    '    copyTo: slow',
    'routes:',
    '  slow: {maxBytes: 64MiB}',
  ].join('\n'),
  readItems: readRules,
}

export const tests: SettingItems<RuleTest> & { readonly readItems: typeof readTests } = {
  doc: 'Tests of the settings, run by `sluice check`: a line, and what should become of it.',
  fields: {
    name: { doc: 'What the test shows.', schema: { type: 'string' } },
    line: { doc: 'The line, or the lines of one record.', schema: { type: 'string' } },
    source: { doc: '`stdout` (default) or `stderr`.', schema: { enum: ['stdout', 'stderr'] } },
    container: { doc: 'Name of the container; `web` unless given.', schema: { type: 'string' } },
    expect: {
      doc: 'Any of `class`, `rule` (`none`: no rule of one\'s own), `route` (`none`: it is left out), `copyTo`, `level`, and `fields`: keys of the delivered line or of the error, with their values as text; no value: there is no such key.',
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          class: scalar,
          rule: scalar,
          route: scalar,
          level: scalar,
          copyTo: oneOrMore,
          fields: { type: 'object', additionalProperties: { type: [...scalar.type, 'null'] } },
        },
      },
    },
  },
  example: [
    'tests:',
    '  - name: one of a hundred static files is kept',
    '    line: \'{"status":200,"path":"/static/a.css"}\'',
    '    expect: {class: access, rule: static-files}',
    'rules:',
    '  - name: static-files',
    '    when: {class: access, path: "/static/*"}',
    '    sample: 100',
  ].join('\n'),
  readItems: readTests,
}

// Tested in test/config/rules/rules.test.ts
