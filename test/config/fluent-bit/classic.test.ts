import fc from 'fast-check'
import t from 'tap'
import { parseClassic } from '../../../src/config/fluent-bit/classic.ts'
import { variablesOf } from '../../../src/config/fluent-bit/sections.ts'

/** How a file refers to a variable. */
const of = (name: string) => '$' + `{${name}}`

t.test('sections, their lines and what stands between them come in the order of the text, with their places', async t => {
  const text = `# comment\n@INCLUDE ${of('DIR')}/own.conf\n[input]\n  Name  forward\n  Unix_Path /a b\n\nnonsense here\n[ OUTPUT ]\n  Match *\n`
  t.same(parseClassic('f', text, variablesOf({ DIR: '/etc' })).parts, [
    { kind: 'include', path: '/etc/own.conf', where: 'f:2' },
    {
      name: 'INPUT',
      where: 'f:3',
      entries: [
        { key: 'Name', value: 'forward', where: 'f:4' },
        { key: 'Unix_Path', value: '/a b', where: 'f:5' },
        { key: 'nonsense', value: 'here', where: 'f:7' },
      ],
    },
    { name: 'OUTPUT', where: 'f:8', entries: [{ key: 'Match', value: '*', where: 'f:9' }] },
  ])
  t.match(parseClassic('f', 'before any section', new Map()).parts, [{ kind: 'unknown', where: 'f:1' }])
})

t.test('a variable is replaced where it is set, and told; else it stays; @SET sets it from there on, also for what is included', async t => {
  const text = `[OUTPUT]\n a ${of('X')}-${of('none')}-${of('EMPTY')}\n@SET X = two\n b ${of('X')}\n`
  const { parts, variables } = parseClassic('f', text, variablesOf({ X: 'one', EMPTY: '' }))
  t.match(parts, [{
    entries: [{ key: 'a', value: `one-${of('none')}-${of('EMPTY')}`, filled: ['X'] }, { key: 'b', value: 'two', filled: undefined }],
  }])
  t.same(variables.get('X'), { value: 'two', isOwn: true })
})

t.test('no text throws', async t => {
  const piece = fc.constantFrom('[', ']', '[INPUT]', '@SET ', '@INCLUDE ', '=', '$', '{', '}', 'a', ' ', '\n', '\t', '#', '\0')
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(piece).map(pieces => pieces.join('')), text => {
    parseClassic('f', text, new Map())
  })))
})
