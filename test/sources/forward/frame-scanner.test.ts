import { ExtData } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { SluiceError } from '../../../src/contracts/errors.ts'
import { FrameScanner, incomplete } from '../../../src/sources/forward/frame-scanner.ts'
import { encode, limits } from '../support.ts'

/** Any value that msgpack can hold. */
const anyValue = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null), fc.boolean(), fc.integer(), fc.double(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string(), fc.string({ minLength: 30, maxLength: 300 }), fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(127), fc.uint8Array({ maxLength: 20 })).map(([type, data]) => new ExtData(type, data)),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 20 })
  ),
})).value

/** Feeds a frame byte by byte count, always from its first byte, as an assembler does. */
function scanInSteps (scanner: FrameScanner, frame: Buffer, steps: readonly number[]): number {
  for (const step of steps) {
    // Exactly the bytes that are there: reading past them would be seen.
    const end = scanner.scan(Buffer.from(frame.subarray(0, step)), 0, step)
    if (end !== incomplete) return end
  }
  return scanner.scan(frame, 0, frame.length)
}

function reasonOf (bytes: Buffer, bounds: object = {}): string {
  try {
    const end = new FrameScanner({ ...limits, ...bounds }).scan(bytes, 0, bytes.length)
    return end === incomplete ? 'incomplete' : `ends at ${end}`
  } catch (error) {
    return error instanceof SluiceError ? error.reason : String(error)
  }
}

t.test('finds the end of any array that an independent encoder makes, whatever the split', async t => {
  const values = fc.array(anyValue, { maxLength: 8 })
  t.doesNotThrow(() => fc.assert(fc.property(values, fc.array(fc.nat(), { maxLength: 6 }), (value, cuts) => {
    const frame = encode(value)
    const steps = cuts.map(cut => cut % frame.length).sort((a, b) => a - b)
    const scanner = new FrameScanner(limits)
    // The next frame begins afresh.
    return scanInSteps(scanner, frame, steps) === frame.length && scanInSteps(scanner, frame, []) === frame.length
  }), { numRuns: 500 }))
})

t.test('a frame cut at any byte is incomplete, and whole with its last byte', async t => {
  const frame = encode(['tag', new ExtData(0, new Uint8Array(8)), { log: 'x'.repeat(40), n: [1.5, null, 300, -70000] }, {}])
  const scanner = new FrameScanner(limits)
  for (let length = 0; length < frame.length; length++) {
    t.equal(scanner.scan(frame.subarray(0, length), 0, length), incomplete, `cut to ${length} bytes`)
  }
  t.equal(scanner.scan(frame, 0, frame.length), frame.length)
})

t.test('knows every width of every type', async t => {
  const filled = (head: readonly number[], payloadBytes: number) =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(payloadBytes, 0xc1)])
  const items: Record<string, Buffer> = {
    'positive fixint': filled([0x7f], 0),
    'negative fixint': filled([0xe0], 0),
    nil: filled([0xc0], 0),
    false: filled([0xc2], 0),
    true: filled([0xc3], 0),
    'bin 8': filled([0xc4, 200], 200),
    'bin 16': filled([0xc5, 1, 0], 256),
    'bin 32': filled([0xc6, 0, 0, 1, 1], 257),
    'ext 8': filled([0xc7, 5, 9], 5),
    'ext 16': filled([0xc8, 0, 5, 9], 5),
    'ext 32': filled([0xc9, 0, 0, 0, 5, 9], 5),
    'float 32': filled([0xca], 4),
    'float 64': filled([0xcb], 8),
    'uint 8': filled([0xcc], 1),
    'uint 16': filled([0xcd], 2),
    'uint 32': filled([0xce], 4),
    'uint 64': filled([0xcf], 8),
    'int 8': filled([0xd0], 1),
    'int 16': filled([0xd1], 2),
    'int 32': filled([0xd2], 4),
    'int 64': filled([0xd3], 8),
    'fixext 1': filled([0xd4, 9], 1),
    'fixext 2': filled([0xd5, 9], 2),
    'fixext 4': filled([0xd6, 9], 4),
    'fixext 8': filled([0xd7, 9], 8),
    'fixext 16': filled([0xd8, 9], 16),
    fixstr: filled([0xbf], 31),
    'str 8': filled([0xd9, 200], 200),
    'str 16': filled([0xda, 1, 0], 256),
    'str 32': filled([0xdb, 0, 0, 1, 1], 257),
    fixmap: Buffer.from([0x81, 1, 2]),
    'map 16': Buffer.from([0xde, 0, 2, 1, 2, 3, 4]),
    'map 32': Buffer.from([0xdf, 0, 0, 0, 1, 1, 2]),
    fixarray: Buffer.from([0x93, 1, 2, 3]),
    'array 16': Buffer.from([0xdc, 0, 2, 1, 2]),
    'array 32': Buffer.from([0xdd, 0, 0, 0, 1, 1]),
    'empty map': Buffer.from([0x80]),
    'empty array 32': Buffer.from([0xdd, 0, 0, 0, 0]),
  }
  for (const [name, item] of Object.entries(items)) {
    const frame = Buffer.concat([Buffer.of(0x92), item, item])
    t.equal(reasonOf(Buffer.concat([frame, Buffer.of(0xc1)])), `ends at ${frame.length}`, name)
    const steps = [...frame.keys()]
    t.equal(scanInSteps(new FrameScanner(limits), frame, steps), frame.length, `${name}, byte by byte`)
  }
})

t.test('each limit holds at its edge and refuses one over', async t => {
  const frame = encode(['tag', 'x'.repeat(100)])
  t.equal(reasonOf(frame, { maxFrameBytes: frame.length }), `ends at ${frame.length}`)
  t.equal(reasonOf(frame, { maxFrameBytes: frame.length - 1 }), 'frame_bytes')
  t.equal(reasonOf(encode([[1, 2, 3]]), { maxItems: 3 }), 'ends at 5')
  t.equal(reasonOf(encode([[1, 2, 3, 4]]), { maxItems: 3 }), 'items')
  t.equal(reasonOf(encode([{ a: 1, b: 2, c: 3 }]), { maxItems: 3 }), 'ends at 11')
  t.equal(reasonOf(encode([{ a: 1, b: 2, c: 3, d: 4 }]), { maxItems: 3 }), 'items')
  t.equal(reasonOf(encode([[[[1]]]]), { maxNesting: 4 }), 'ends at 5')
  t.equal(reasonOf(encode([[[[[1]]]]]), { maxNesting: 4 }), 'nesting')
})

t.test('what follows a frame of the greatest size is another frame, not part of it', async t => {
  const frame = encode(['tag', 'x'.repeat(100)])
  const scanner = new FrameScanner({ ...limits, maxFrameBytes: frame.length })
  const two = Buffer.concat([frame, frame])
  t.equal(scanner.scan(two, 0, two.length), frame.length)
  t.equal(scanner.scan(two, frame.length, two.length), two.length)
})

t.test('a claim beyond a limit is refused when it is made, not when its bytes have come', async t => {
  t.equal(reasonOf(Buffer.from([0x92, 0xdb, 0xff, 0xff, 0xff, 0xff])), 'frame_bytes', 'str of 4 GiB')
  t.equal(reasonOf(Buffer.from([0x92, 0xc6, 0x7f, 0xff, 0xff, 0xff])), 'frame_bytes', 'bin of 2 GiB')
  t.equal(reasonOf(Buffer.from([0x92, 0xc9, 0xff, 0xff, 0xff, 0xff, 0])), 'frame_bytes', 'ext of 4 GiB')
  t.equal(reasonOf(Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])), 'items', 'array of 4 G')
  t.equal(reasonOf(Buffer.from([0x91, 0xdf, 0xff, 0xff, 0xff, 0xff])), 'items', 'map of 4 G')
  t.equal(reasonOf(Buffer.from([0xdd, 0, 1, 0x86, 0xa0]), { maxFrameBytes: 1000 }), 'frame_bytes', 'more items than bytes')
  t.equal(reasonOf(Buffer.alloc(10_000, 0x91)), 'nesting', 'arrays in arrays')
  t.equal(reasonOf(Buffer.alloc(10_000, 0x81)), 'not_array', 'maps')
})

t.test('bytes that are no frame are refused with a reason', async t => {
  t.equal(reasonOf(Buffer.from('{"log":"x"}')), 'json')
  t.equal(reasonOf(Buffer.from('["tag",1,{}]')), 'json')
  t.equal(reasonOf(Buffer.from([0x16, 3, 1, 2, 0])), 'tls')
  t.equal(reasonOf(Buffer.from('GET / HTTP/1.1\r\n')), 'not_array')
  t.equal(reasonOf(Buffer.from([0x92, 0xc1])), 'reserved')
})

t.test('a frame of many items is walked once, however small the pieces', async t => {
  const frame = encode(Array.from({ length: 50_000 }, (_, index) => [index, 'x']))
  const scanner = new FrameScanner({ ...limits, maxFrameBytes: 1 << 23 })
  let walkedBytes = 0
  for (let end = 64; end < frame.length; end += 64) {
    if (scanner.scan(frame, 0, end) !== incomplete) t.fail(`ends at ${end}`)
    if (scanner.walkedBytes < walkedBytes) t.fail(`went back at ${end}`)
    walkedBytes = scanner.walkedBytes
  }
  t.equal(scanner.scan(frame, 0, frame.length), frame.length)
})

t.test('a frame has so many items at most, however they are spread over arrays and maps', async t => {
  const bounds = { maxItems: 1 << 20, maxFrameBytes: 1 << 24 }
  const arrays = (count: number, ofItems: number) => Buffer.concat([
    Buffer.of(0x91, 0xdd, 0, count >> 16, 0, 0),
    Buffer.alloc((ofItems + 1) * count, Buffer.of(0x90 + ofItems, ...new Uint8Array(ofItems))),
  ])
  const nested = arrays(6 << 16, 9)
  t.equal(reasonOf(nested, bounds), `ends at ${nested.length}`)
  const more = arrays(7 << 16, 10)
  t.equal(reasonOf(more, bounds), 'items')
  t.equal(reasonOf(more, { ...bounds, maxItems: 1 << 23 }), `ends at ${more.length}`, 'unless one alone may have more')
})
