import fc from 'fast-check'
import t from 'tap'
import { createRecord } from '../../src/record.ts'
import { createLineEncoder } from '../../src/transform/line-encoder.ts'

const encoder = createLineEncoder()

function encode (line: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.from('\n'), line, Buffer.from('\n')])
  encoder.encode({ ...createRecord(), bytes, start: 1, end: bytes.length - 1 })
  return encoder.buffer.subarray(encoder.start, encoder.end)
}

t.test('a line without a newline stays byte for byte', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
    const line = Buffer.from(bytes.filter(byte => byte !== 0x0a))
    return encode(line).equals(line)
  }))
})

t.test('a newline becomes an escape inside a string and a space outside, and valid JSON keeps its value', async t => {
  t.equal(encode(Buffer.from('{"a":\n1,\n"b":"\\\\\\"x"\n}')).toString(), '{"a": 1, "b":"\\\\\\"x" }')
  t.equal(encode(Buffer.from('{"a":"x\ny"}')).toString(), '{"a":"x\\ny"}')
  t.equal(encode(Buffer.from('{"a":"x\\\ny"}')).toString(), '{"a":"x\\ny"}')
  t.equal(encode(Buffer.from('\n\n')).toString(), '  ')
  fc.assert(fc.property(fc.jsonValue(), value => {
    const text = JSON.stringify(value, null, '\n ')
    return JSON.stringify(JSON.parse(encode(Buffer.from(text)).toString())) === JSON.stringify(value)
  }))
})

t.test('any bytes become one line', async t => {
  fc.assert(fc.property(fc.array(fc.constantFrom(0x0a, 0x22, 0x5c, 0x41), { maxLength: 40 }), bytes =>
    !encode(Buffer.from(bytes)).includes(0x0a)))
})
