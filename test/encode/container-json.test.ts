import t from 'tap'
import { createContainerJson } from '../../src/encode/container-json.ts'

t.test('a name is built once while it is known, and names over the limit are built again', async t => {
  const built: string[] = []
  const containerJson = createContainerJson(json => {
    built.push(json)
    return `,${json}`
  }, 2)
  for (const name of ['web', 'web', 'a"b', 'web', 'third', 'web', 'third', '']) {
    t.equal(containerJson(name).toString(), `,${JSON.stringify(name)}`)
  }
  t.same(built, ['"web"', '"a\\"b"', '"third"', '"web"', '""'])
})
