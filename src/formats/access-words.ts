const space = 0x20
const minus = 0x2d
const dot = 0x2e
const colon = 0x3a
const underscore = 0x5f

/** Start of the first word that is an address with ` - ` behind it, as `%h %l` write, or `end`. */
export function addressAt (bytes: Uint8Array, from: number, end: number): number {
  let start = from
  while (start < end) {
    const wordEnd = spaceAt(bytes, start, end)
    if (wordEnd + 2 < end && bytes[wordEnd + 1] === minus && bytes[wordEnd + 2] === space &&
      isAddress(bytes, start, wordEnd)) return start
    start = wordEnd + 1
  }
  return end
}

function isAddress (bytes: Uint8Array, start: number, end: number): boolean {
  let hasMark = false
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    const isMark = byte === dot || byte === colon
    const letter = byte | 0x20
    if (!isMark && !isDigit(byte) && (letter < 0x61 || letter > 0x66)) return false
    hasMark ||= isMark
  }
  return hasMark
}

/** Whether a host's name may stand here, and neither an address nor a list of them. */
export function isName (bytes: Uint8Array, start: number, end: number): boolean {
  let hasLetter = false
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    if (!isLetter && !isDigit(byte) && byte !== minus && byte !== dot && byte !== underscore) return false
    hasLetter ||= isLetter
  }
  return hasLetter
}

/** Index of the digits that end `[start, end)` after a colon; -1 when there are none. */
export function portAt (bytes: Uint8Array, start: number, end: number): number {
  let index = end
  while (index > start && isDigit(bytes[index - 1] as number)) index--
  return index < end && index - 1 > start && bytes[index - 1] === colon ? index : -1
}

/** An IPv6 address may end like one, but has more colons. */
export function isHostAndPort (bytes: Uint8Array, start: number, end: number): boolean {
  const portStart = portAt(bytes, start, end)
  if (portStart < 0) return false
  for (let index = start; index < portStart - 1; index++) {
    if (bytes[index] === colon) return false
  }
  return true
}

export function isDigit (byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** Index of the first space, or `end`. */
export function spaceAt (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && bytes[index] !== space) index++
  return index
}
