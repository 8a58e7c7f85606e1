import fc from 'fast-check'
import t from 'tap'
import { createPathFinder } from '../../src/bytes/json-members.ts'

function found (path: string, text: string): string | undefined {
  const bytes = Buffer.from(`"}${text}"}`)
  const place = { start: 0, end: 0 }
  const isFound = createPathFinder(path)(bytes, 2, bytes.length - 2, place)
  return isFound ? bytes.toString('utf8', place.start, place.end) : undefined
}

/** What JSON.parse has at the path. Keys that have the dots themselves count at any depth. */
function wanted (value: unknown, path: string): string | undefined {
  let text: string | undefined
  for (const [key, each] of Object.entries(value as object)) {
    const number = /^\[(\d+)\](.*)$/s.exec(path.startsWith(key) ? path.slice(key.length) : '')
    if (key === path) text = typeof each === 'object' && each !== null ? undefined : typeof each === 'string' ? each : JSON.stringify(each)
    else if (path.startsWith(`${key}.`) && typeof each === 'object' && each !== null && !Array.isArray(each)) text = wanted(each, path.slice(key.length + 1)) ?? text
    else if (number !== null && Array.isArray(each)) text = elementAt(each, Number(number[1]), number[2] ?? '') ?? text
  }
  return text
}

function elementAt (list: readonly unknown[], index: number, rest: string): string | undefined {
  const [, number, further = ''] = /^\[(\d+)\](.*)$/s.exec(rest) ?? []
  const { [index]: element } = list
  if (element === undefined) return undefined
  if (number !== undefined) return Array.isArray(element) ? elementAt(element, Number(number), further) : undefined
  const isObject = typeof element === 'object' && element !== null
  if (rest === '') return isObject ? undefined : typeof element === 'string' ? element : JSON.stringify(element)
  return isObject && !Array.isArray(element) ? wanted(element, rest.slice(1)) : undefined
}

t.test('a path leads to what JSON.parse has there', async t => {
  for (const [path, text, value] of [
    ['a.b', '{"a":{"b":"x"}}', 'x'], ['a.b', ' {"a" : { "c":"b", "b" : 17 } , "b":"x"} ', '17'], ['a.b', '{"a.b":null}', 'null'],
    ['a.b', '{"a":{"b":1},"a":{"b":2}}', '2'], ['a.b', '{"a":{"b":"x","b":{}}}', undefined], ['a.b', '{"a":[{"b":1}]}', undefined],
    ['a.b', '{"c":{"a":{"b":1}}}', undefined], ['a.b', '{"a":"{\\"b\\":1}"}', undefined], ['a.b.c', '{"a":{"b.c":"é"}}', 'é'],
    ['a.b', '{"a.b":false,"a":{"b":{}}}', 'false'], ['a.b', '{"a.b":1,"a":{"b":"x","b":[]}}', '1'],
    ['a[0]', '{"a":["x","y"]}', 'x'], ['a.b[1]', '{"a":{"b":[ {"c":[1,2]} , 17 ]}}', '17'], ['a[1].b', '{"a":[{"b":1},{"b":"z"}]}', 'z'],
    ['a[0][1]', '{"a":[[null,true]]}', 'true'], ['a[2]', '{"a":["x","y"]}', undefined], ['a[0]', '{"a":[]}', undefined], ['a[0]', '{"a":[[1]]}', undefined],
    ['a[0]', '{"a":{"0":1}}', undefined], ['a[0]', '{"a[0]":"own"}', 'own'], ['a[x]', '{"a":["x"]}', undefined], ['a[0]', '{"a":["', undefined],
    ['a.b', '{"a":{"b":""}}', ''], ['a.b', '{}', undefined], ['a.b', '', undefined], ['a.b', '{"a":{"b":"', undefined],
  ] as const) t.equal(found(path, text), value, `${path} in ${text}`)
  const key = fc.constantFrom('a', 'b', 'a.b', 'b.a', 'ab', '', 'c')
  const scalar = fc.oneof(fc.integer(), fc.constantFrom('x', 'a.b', '}', ','), fc.boolean(), fc.constant(null))
  const object = fc.letrec<{ value: unknown, object: unknown }>(tie => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), fc.array(tie('value'), { maxLength: 2 })),
    object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  })).object
  fc.assert(fc.property(object, fc.constantFrom('a.b', 'a.b.a', 'a.a', 'b.a.b', 'a.', '.a', 'a[0]', 'a[1].b', 'a.b[0]', 'a[0][1]', 'a[0].a'), (value, path) => {
    t.equal(found(path, JSON.stringify(value)), wanted(value, path), `${path} in ${JSON.stringify(value)}`)
  }), { numRuns: 2000 })
})

t.test('whatever the bytes are, what is found lies within them', async t => {
  const text = fc.array(fc.constantFrom('{', '}', '"', 'a', 'b', ':', ',', '\\', ' ', '[', ']', '1'), { maxLength: 20 }).map(parts => parts.join(''))
  fc.assert(fc.property(text, each => {
    const bytes = Buffer.from(each)
    const place = { start: 0, end: 0 }
    for (const path of ['a.b', 'a[1]', 'a[0].b']) if (createPathFinder(path)(bytes, 0, bytes.length, place)) t.ok(place.start >= 0 && place.end <= bytes.length && place.start <= place.end, each)
  }), { numRuns: 5000 })
})
