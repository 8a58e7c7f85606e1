/**
 * Reading of msgpack items that a `FrameScanner` has walked: lengths are known to fit, so nothing here checks bounds
 * (hence the `as number`). Source: https://github.com/msgpack/msgpack/blob/master/spec.md
 */

/** Where the payload of a str or bin lies: `[start, end)`. Reused, because two results would make an object. */
export interface Span { start: number, end: number }

/** Sets `span` to the payload of the str or bin at `at`; false if another type is there. */
export function textAt (bytes: Buffer, at: number, span: Span): boolean {
  const type = bytes[at] as number
  let start = at + 1
  let length = 0
  if (type >= 0xa0 && type < 0xc0) {
    length = type & 0x1f
  } else if (type === 0xd9 || type === 0xc4) {
    length = bytes[at + 1] as number
    start = at + 2
  } else if (type === 0xda || type === 0xc5) {
    length = uint16(bytes, at + 1)
    start = at + 3
  } else if (type === 0xdb || type === 0xc6) {
    length = uint32(bytes, at + 1)
    start = at + 5
  } else {
    return false
  }
  span.start = start
  span.end = start + length
  return true
}

/** Sets `span` to the data of the extension at `at`, whose type is the byte before; false if another type is there. */
export function extensionAt (bytes: Buffer, at: number, span: Span): boolean {
  const type = bytes[at] as number
  const isFixed = type >= 0xd4 && type <= 0xd8
  if (!isFixed && (type < 0xc7 || type > 0xc9)) return false
  span.start = isFixed ? at + 2 : at + headerBytesOf(type)
  span.end = skipItem(bytes, at)
  return true
}

/** Elements of the array at `at`; -1 if another type is there. */
export function arrayCountAt (bytes: Buffer, at: number): number {
  const type = bytes[at] as number
  if (type >= 0x90 && type < 0xa0) return type & 0x0f
  if (type === 0xdc) return uint16(bytes, at + 1)
  return type === 0xdd ? uint32(bytes, at + 1) : -1
}

/** Pairs of the map at `at`; -1 if another type is there. */
export function mapCountAt (bytes: Buffer, at: number): number {
  const type = bytes[at] as number
  if (type >= 0x80 && type < 0x90) return type & 0x0f
  if (type === 0xde) return uint16(bytes, at + 1)
  return type === 0xdf ? uint32(bytes, at + 1) : -1
}

/** Where the first element of the array or map at `at` begins. */
export function firstElementAt (bytes: Buffer, at: number): number {
  const type = bytes[at] as number
  if (type < 0xa0) return at + 1
  return type === 0xdc || type === 0xde ? at + 3 : at + 5
}

/** Where the item at `at` ends, with all that lies within it. */
export function skipItem (bytes: Buffer, at: number): number {
  let position = at
  for (let left = 1; left > 0; left--) {
    const type = bytes[position] as number
    const knownBytes = wholeBytes[type] as number
    if (knownBytes > 0) {
      position += knownBytes
    } else if (type < 0x90) {
      left += (type & 0x0f) * 2
      position++
    } else if (type < 0xa0) {
      left += type & 0x0f
      position++
    } else {
      const headerBytes = headerBytesOf(type)
      const kind = kindOf(type)
      const length = lengthAt(bytes, position, type)
      position += headerBytes
      if (kind === itemKind.payload) position += length
      else left += kind * length
    }
  }
  return position
}

/** What the length of an item counts: bytes that follow, elements, or pairs (which are two items each). */
export const itemKind = { payload: 0, array: 1, map: 2 } as const
export type ItemKind = typeof itemKind[keyof typeof itemKind]

/** By `type - 0xc0`: bytes of the item before its payload or elements; values of fixed size are all header. */
const headerBytes = Uint8Array.of(
  1, 1, 1, 1, 2, 3, 5, 3, // nil, (reserved), false, true, bin 8 16 32, ext 8
  4, 6, 5, 9, 2, 3, 5, 9, // ext 16 32, float 32 64, uint 8 16 32 64
  2, 3, 5, 9, 3, 4, 6, 10, // int 8 16 32 64, fixext 1 2 4 8
  18, 2, 3, 5, 3, 5, 3, 5 // fixext 16, str 8 16 32, array 16 32, map 16 32
)

/** By `type - 0xc0`: bytes of the length that follows the type; 0 where there is none. */
const lengthBytes = Uint8Array.of(
  0, 0, 0, 0, 1, 2, 4, 1,
  2, 4, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 4, 2, 4, 2, 4
)

/** By type: bytes of an item whose length that alone tells; 0 where it does not. */
const wholeBytes = Uint8Array.from({ length: 256 }, (_, type) => {
  if (type < 0x80 || type >= 0xe0) return 1
  if (type < 0xa0) return 0
  if (type < 0xc0) return 1 + (type & 0x1f)
  return lengthBytes[type - 0xc0] === 0 ? headerBytes[type - 0xc0] ?? 0 : 0
})

/** For types 0xc0 to 0xdf. */
export function headerBytesOf (type: number): number {
  return headerBytes[type - 0xc0] as number
}

/** For types 0xc0 to 0xdf. */
export function kindOf (type: number): ItemKind {
  if (type < 0xdc) return itemKind.payload
  return type < 0xde ? itemKind.array : itemKind.map
}

/** The length that stands behind a type of 0xc0 to 0xdf; 0 where there is none. */
export function lengthAt (bytes: Buffer, at: number, type: number): number {
  const width = lengthBytes[type - 0xc0]
  if (width === 0) return 0
  if (width === 1) return bytes[at + 1] as number
  return width === 2 ? uint16(bytes, at + 1) : uint32(bytes, at + 1)
}

export function uint16 (bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

export function uint32 (bytes: Buffer, at: number): number {
  return (bytes[at] as number) * 0x1000000 +
    (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
}

/** True if `bytes[start, end)` are those of `expected`. A loop, because a native call costs more than a short key. */
export function isEqual (bytes: Buffer, start: number, end: number, expected: Buffer): boolean {
  if (end - start !== expected.length) return false
  for (let index = 0; index < expected.length; index++) {
    if (bytes[start + index] !== expected[index]) return false
  }
  return true
}

// Tested in test/sources/forward/frame-scanner.test.ts
