import { isUtf8 } from 'node:buffer'
import { arrayCountAt, firstElementAt, mapCountAt, skipItem, textAt, uint32 } from './msgpack.ts'

interface Cursor { readonly bytes: Buffer, at: number }

/**
 * Writes a msgpack item as JSON, straight from its bytes: keys keep their order and are written as often as they come,
 * integers keep all digits, and no key can mean anything to JavaScript. The slow path, for records without a line.
 *
 * Text that is not UTF-8 is read as Latin-1; numbers that JSON lacks are null; keys that are no text are the JSON of
 * the key, and within such a key the base64 of their msgpack, since each level of JSON within JSON doubles its escapes;
 * an EventTime is a decimal of seconds; other extensions are `{"type":…,"data":"<base64>"}`.
 *
 * The item was walked by a `FrameScanner`, which bounds how deep this recurses.
 */
export function toJson (bytes: Buffer, at: number): string {
  return itemToJson({ bytes, at }, false)
}

/** Moves `cursor` behind the item. */
function itemToJson (cursor: Cursor, isInKey: boolean): string {
  const { bytes, at } = cursor
  const span = { start: 0, end: 0 }
  if (textAt(bytes, at, span)) {
    cursor.at = span.end
    return JSON.stringify(textOf(bytes.subarray(span.start, span.end)))
  }
  const pairs = mapCountAt(bytes, at)
  const count = Math.max(pairs, arrayCountAt(bytes, at))
  if (count < 0) {
    cursor.at = skipItem(bytes, at)
    return scalarToJson(bytes, at)
  }
  cursor.at = firstElementAt(bytes, at)
  const parts: string[] = []
  for (let index = 0; index < count; index++) {
    if (pairs < 0) parts.push(itemToJson(cursor, isInKey))
    else parts.push(`${keyToJson(cursor, isInKey)}:${itemToJson(cursor, isInKey)}`)
  }
  return pairs < 0 ? `[${parts.join(',')}]` : `{${parts.join(',')}}`
}

function keyToJson (cursor: Cursor, isInKey: boolean): string {
  const { bytes, at } = cursor
  if (isInKey && Math.max(mapCountAt(bytes, at), arrayCountAt(bytes, at)) >= 0) {
    cursor.at = skipItem(bytes, at)
    return `"${bytes.toString('base64', at, cursor.at)}"`
  }
  const json = itemToJson(cursor, true)
  return json.startsWith('"') ? json : JSON.stringify(json)
}

function textOf (bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1')
}

function scalarToJson (bytes: Buffer, at: number): string {
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
    case 0xc7: case 0xc8: case 0xc9: return extensionToJson(bytes, at, at + 2 + (1 << (type - 0xc7)))
    case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return extensionToJson(bytes, at, at + 2)
    default: return 'null'
  }
}

/** The extension's type is the byte before its data. */
function extensionToJson (bytes: Buffer, at: number, dataStart: number): string {
  const end = skipItem(bytes, at)
  const type = bytes.readInt8(dataStart - 1)
  if (type === 0 && end - dataStart === 8) {
    return `${uint32(bytes, dataStart)}.${String(uint32(bytes, dataStart + 4)).padStart(9, '0')}`
  }
  return `{"type":${type},"data":"${bytes.toString('base64', dataStart, end)}"}`
}
