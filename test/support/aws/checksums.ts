import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * Checksums of S3 by the last part of their header `x-amz-checksum-…`, each as the base64 that S3 expects (CRCs big
 * endian). The XXHASH family is not here: Node has none.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const checksums = {
  crc32: (data: Buffer) => word(crc32(data)),
  crc32c: (data: Buffer) => word(crc32c(data)),
  crc64nvme: (data: Buffer) => crc64nvme(data).toString('base64'),
  sha1: (data: Buffer) => createHash('sha1').update(data).digest('base64'),
  sha256: (data: Buffer) => createHash('sha256').update(data).digest('base64'),
  sha512: (data: Buffer) => createHash('sha512').update(data).digest('base64'),
  md5: (data: Buffer) => createHash('md5').update(data).digest('base64'),
} as const satisfies Record<string, (data: Buffer) => string>

export type ChecksumName = keyof typeof checksums

export function isChecksumName (name: string): name is ChecksumName {
  return Object.hasOwn(checksums, name)
}

function word (value: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes.toString('base64')
}

const table32c = new Uint32Array(256)
for (let index = 0; index < 256; index++) {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ ((value & 1) === 1 ? 0x82f63b78 : 0)
  table32c[index] = value
}

function crc32c (data: Buffer): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ (table32c[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}

/** CRC-64/NVME, reflected polynomial 0x9a6c9329ac4bc9b5, kept as two halves since BigInt is far slower. */
const tableHigh = new Uint32Array(256)
const tableLow = new Uint32Array(256)
for (let index = 0; index < 256; index++) {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ ((value & 1n) === 1n ? 0x9a6c9329ac4bc9b5n : 0n)
  tableHigh[index] = Number(value >> 32n)
  tableLow[index] = Number(value & 0xffffffffn)
}

function crc64nvme (data: Buffer): Buffer {
  let high = 0xffffffff
  let low = 0xffffffff
  for (const byte of data) {
    const index = (low ^ byte) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] ?? 0)
    high = (high >>> 8) ^ (tableHigh[index] ?? 0)
  }
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE((high ^ 0xffffffff) >>> 0, 0)
  bytes.writeUInt32BE((low ^ 0xffffffff) >>> 0, 4)
  return bytes
}
