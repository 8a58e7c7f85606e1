import fc from 'fast-check'
import t from 'tap'
import { decodeAwsChunked } from '../support/aws/aws-chunked.ts'
import { checksums } from '../support/aws/checksums.ts'

const hex = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')

// Check values of https://reveng.sourceforge.io/crc-catalogue/all.htm over the nine digits.
t.test('checksums are those of their catalogue', async t => {
  const digits = Buffer.from('123456789')
  t.equal(hex(checksums.crc32(digits)), 'cbf43926')
  t.equal(hex(checksums.crc32c(digits)), 'e3069283')
  t.equal(hex(checksums.crc64nvme(digits)), 'ae8b14860a799888')
  t.equal(hex(checksums.sha1(digits)), 'f7c3bc1d808e04732adf679965ccc34ca7ae3441')
})

function encode (chunks: readonly Buffer[], trailer: string): Buffer {
  const parts = chunks.flatMap(chunk => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)])
}

t.test('any payload comes out of its framing unchanged', async t => {
  t.doesNotThrow(() => fc.assert(fc.property(
    fc.array(fc.integer({ min: 8192, max: 9000 }), { maxLength: 4 }),
    fc.uint8Array({ minLength: 1, maxLength: 100 }),
    (sizes, last) => {
      const chunks = [...sizes.map((size, index) => Buffer.alloc(size, index)), Buffer.from(last)]
      const decoded = decodeAwsChunked(encode(chunks, 'x-amz-checksum-crc32:AAAAAA==\r\n'))
      return decoded.kind === 'whole' && decoded.payload.equals(Buffer.concat(chunks)) &&
        decoded.trailers.get('x-amz-checksum-crc32') === 'AAAAAA=='
    }), { numRuns: 50 }))
})

t.test('a framed body cut at any byte is torn, never a shorter object', async t => {
  const whole = encode([Buffer.from('hello')], 'x-amz-checksum-crc32:NhCmhg==\r\n')
  for (let bytes = 0; bytes < whole.length; bytes++) {
    t.equal(decodeAwsChunked(whole.subarray(0, bytes)).kind, 'torn', `cut to ${bytes} bytes`)
  }
})

t.test('framing that lies is malformed', async t => {
  for (const body of ['5\r\nhello!\r\n0\r\n\r\n', '5;chunk-signature=0\r\nhello\r\n0\r\n\r\n', '0\r\n\r\nmore', '0\r\nno colon\r\n\r\n', '-1\r\n\r\n']) {
    t.equal(decodeAwsChunked(Buffer.from(body)).kind, 'malformed', JSON.stringify(body))
  }
})

t.test('a chunk before the last must hold 8,192 bytes', async t => {
  const decode = (bytes: number) => decodeAwsChunked(encode([Buffer.alloc(bytes), Buffer.from('last')], ''))
  t.equal(decode(8192).kind, 'whole')
  t.match(decode(8191), { kind: 'small', chunk: 1, bytes: 8191 })
})
