import t from 'tap'
import { createAppErrors } from '../../src/classify/app-errors.ts'
import { createErrorShape, createLineShape } from '../../src/classify/line-shape.ts'
import { shape, type Shape } from '../../src/contracts/verdict.ts'
import { accessKeys, fixtureLines } from '../support/access-lines.ts'

const { shapeOf } = createLineShape(accessKeys)

function shapeIn (text: string): Shape {
  const bytes = Buffer.from(text)
  return shapeOf(bytes, 0, bytes.length)
}

t.test('each shape is what its comment says', async t => {
  t.equal(shapeIn(''), shape.empty)
  t.equal(shapeIn('{"status":200,"method":"GET"}'), shape.access)
  t.equal(shapeIn('{"method":"GET","path":"/"}'), shape.json, 'no status')
  t.equal(shapeIn('{"status":200,"status_code":200}'), shape.json, 'no request')
  t.equal(shapeIn('{}'), shape.json)
  t.equal(shapeIn('{"status":200,"method":"\\x41"}'), shape.brokenAccess)
  t.equal(shapeIn('{"status":200,\n"method":"GET"}'), shape.brokenAccess, 'two lines')
  t.equal(shapeIn('{"a":1,\n"b":2}'), shape.text, 'two lines of another shape')
  t.equal(shapeIn('{"level":"\\x41"}'), shape.text)
  t.equal(shapeIn('[1]'), shape.text)
  t.equal(shapeIn(' \t '), shape.empty, 'white space')
  t.equal(shapeIn('GET / 200'), shape.text)
})

t.test('on standard error JSON is an access line of php-fpm only where it is nothing that a logger writes', async t => {
  const { shapeOf: errorShapeOf } = createErrorShape(accessKeys)
  const shapeOnStderr = (text: string) => errorShapeOf(Buffer.from(text), 0, text.length)
  t.equal(shapeOnStderr('{"status":200,"method":"GET","path":"/"}'), shape.access)
  for (const key of ['level', 'severity', 'message', 'msg', 'exception']) {
    t.equal(shapeOnStderr(`{"status":500,"method":"GET","${key}":"x"}`), shape.json, key)
  }
  for (const text of ['{"status":200}', '{}']) t.equal(shapeOnStderr(text), shape.json, text)
  for (const text of ['{"status":200,"method":"\\x41"}', '{', 'x']) t.equal(shapeOnStderr(text), shape.text, text)
})

t.test('an error of an application whose status is a word is no access line; with a status of HTTP it is one', async t => {
  const { shapeOf: shapeOnStdout } = createLineShape({ ...accessKeys, isAppError: createAppErrors('warn') })
  const shapeFor = (members: string) => {
    const bytes = Buffer.from(`{${members},"method":"card"}`)
    return shapeOnStdout(bytes, 0, bytes.length)
  }
  for (const status of ['"failed"', '"declined"', '""']) {
    t.equal(shapeFor(`"status":${status},"level":"error"`), shape.appError, status)
    t.equal(shapeFor(`"level":"error","status":${status}`), shape.appError, status)
    t.equal(shapeFor(`"status":${status},"level":"info"`), shape.access, 'below the level')
    t.equal(shapeFor(`"status":${status}`), shape.access, 'no logger')
  }
  for (const status of ['500', '"500"', '"500 Internal Server Error"', '"-"', '{"code":500}', 'null']) {
    t.equal(shapeFor(`"status":${status},"level":"error"`), shape.access, status)
  }
  t.equal(shapeFor('"status":"failed","status_code":402,"level":"error"'), shape.access, 'one of both is a number')
})

t.test('without keys no line is an access line', async t => {
  const { shapeOf: withoutKeys } = createLineShape({ format: 'auto', statusKeys: [], requestKeys: ['method'] })
  const line = Buffer.from('{"status":200,"method":"GET"}')
  t.equal(withoutKeys(line, 0, line.length), shape.json)
})

t.test('lines of a real Apache: every one that it made is an access line, and what PHP wrote is not', async t => {
  const counts = Object.fromEntries((['stdout.log', 'access.f2.log', 'access.f3.log'] as const).map(name => {
    const found = { access: 0, brokenAccess: 0, json: 0, text: 0, empty: 0 }
    for (const line of fixtureLines(name)) {
      const lineShape = shapeOf(line, 0, line.length)
      for (const key of Object.keys(found) as (keyof typeof found)[]) if (shape[key] === lineShape) found[key]++
    }
    return [name, found]
  }))
  t.same(counts, {
    'stdout.log': { access: 636, brokenAccess: 194, json: 10, text: 10, empty: 0 },
    'access.f2.log': { access: 5, brokenAccess: 825, json: 0, text: 0, empty: 0 },
    'access.f3.log': { access: 658, brokenAccess: 172, json: 0, text: 0, empty: 0 },
  })
})
