/** The msgpack item at `at` as JSON, if it is neither text, array, map nor extension. */
export function scalarToJson (bytes: Buffer, at: number): string {
  const type = bytes[at] as number
  if (type < 0x80) return String(type)
  if (type >= 0xe0) return String(type - 0x100)
  switch (type) {
    case 0xc2: return 'false'
    case 0xc3: return 'true'
    case 0xca: return JSON.stringify(bytes.readFloatBE(at + 1))
    case 0xcb: return JSON.stringify(bytes.readDoubleBE(at + 1))
    case 0xcc: return String(bytes.readUInt8(at + 1))
    case 0xcd: return String(bytes.readUInt16BE(at + 1))
    case 0xce: return String(bytes.readUInt32BE(at + 1))
    case 0xcf: return String(bytes.readBigUInt64BE(at + 1))
    case 0xd0: return String(bytes.readInt8(at + 1))
    case 0xd1: return String(bytes.readInt16BE(at + 1))
    case 0xd2: return String(bytes.readInt32BE(at + 1))
    case 0xd3: return String(bytes.readBigInt64BE(at + 1))
    default: return 'null'
  }
}

// Tested in test/sources/forward/record-json.test.ts
