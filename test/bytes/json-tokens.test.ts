import fc from 'fast-check'
import t from 'tap'
import { isJsonSpace, isShortEscape, scalarEnd } from '../../src/bytes/json-tokens.ts'

const bytes = Array.from({ length: 256 }, (_, byte) => byte)
function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

t.test('white space and escapes are those of JSON.parse', async t => {
  t.same(bytes.filter(isJsonSpace), bytes.filter(byte => isJson(`${String.fromCharCode(byte)}1`) && (byte < 0x30 || byte > 0x39) && byte !== 0x2d))
  t.same(bytes.filter(byte => isShortEscape[byte] === 1), bytes.filter(byte => isJson(`"\\${String.fromCharCode(byte)}"`)))
})

t.test('what is found is a scalar to JSON.parse, and no word of JSON is missed', async t => {
  const piece = fc.constantFrom('-', '0', '1', '12', '.', '5', 'e', 'E', '+', 'true', 'false', 'null', 'nul', ',', '}', ' ', 'x')
  fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), parts => {
    const text = parts.join('')
    const end = scalarEnd(Buffer.from(`[${text}`), 1, text.length + 1) - 1
    if (end > 0) return isJson(text.slice(0, end)) && !/^\s/.test(text)
    return !/^(?:true|false|null)/.test(text)
  }), { numRuns: 3000 })
  for (const [text, end] of [['12.5e+3,', 7], ['-0}', 2], ['true]', 4], ['01', 0], ['1.', 0], ['1e', 0], ['-', 0], ['', 0], ['nul', 0], ['-x', 0]] as const) {
    t.equal(scalarEnd(Buffer.from(text), 0, text.length), end, text)
  }
})
