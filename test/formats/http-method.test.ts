import t from 'tap'
import { methodAt, methodNames } from '../../src/formats/http-method.ts'

const nameOf = (text: string) => methodNames[methodAt(Buffer.from(`"${text}"`), 1, text.length + 1)]

t.test('nine methods are told, alone or before a space, and nothing else is taken for one', async t => {
  for (const name of methodNames.slice(0, -1)) {
    t.equal(nameOf(name), name)
    t.equal(nameOf(`${name} / HTTP/1.1`), name)
    t.equal(nameOf(`${name}X`), 'other')
    t.equal(nameOf(name.slice(0, -1)), 'other')
    t.equal(nameOf(name.toLowerCase()), 'other')
  }
  for (const text of ['', ' ', '-', 'PROPFIND', 'GET/', '\\x16\\x03']) t.equal(nameOf(text), 'other')
})

t.test('no byte behind the text is read', async t => {
  t.equal(methodNames[methodAt(Buffer.from('POST'), 0, 3)], 'other')
})
