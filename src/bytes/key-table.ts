/** Finds which group a key of a JSON object belongs to, by its bytes and without allocation. */
export interface KeyTable {
  /** The bits of all groups that have a key. */
  readonly allBits: number
  /**
   * Bit `1 << n` when `bytes[start, end)` is a key of group n, 0 when it is of none.
   *
   * The bytes are what stands between the quotes: a key written with escapes matches nothing.
   */
  bitsOf (bytes: Uint8Array, start: number, end: number): number
}

/** At most 30 groups. A key may be in several; the groups may be empty. */
export function createKeyTable (groups: readonly (readonly string[])[]): KeyTable {
  const bitsByKey = new Map<string, number>()
  for (const [group, keys] of groups.entries()) {
    for (const key of keys) bitsByKey.set(key, (bitsByKey.get(key) ?? 0) | (1 << group))
  }
  bitsByKey.delete('')

  const text = Buffer.from([...bitsByKey.keys()].join(''))
  const starts = new Int32Array(bitsByKey.size + 1)
  const bits = new Int32Array(bitsByKey.size)
  const nexts = new Int32Array(bitsByKey.size)
  const heads = new Int32Array(256).fill(-1)
  let allBits = 0
  let index = 0
  for (const [key, keyBits] of bitsByKey) {
    const start = starts[index] ?? 0
    const end = start + Buffer.byteLength(key)
    const slot = slotOf(text, start, end)
    starts[index + 1] = end
    bits[index] = keyBits
    nexts[index] = heads[slot] ?? -1
    heads[slot] = index++
    allBits |= keyBits
  }

  return {
    allBits,
    bitsOf (bytes, start, end) {
      if (start >= end) return 0
      let candidate = heads[slotOf(bytes, start, end)] as number
      while (candidate >= 0) {
        const from = starts[candidate] as number
        const to = starts[candidate + 1] as number
        if (to - from === end - start && isSame(text, from, to, bytes, start)) return bits[candidate] as number
        candidate = nexts[candidate] as number
      }
      return 0
    },
  }
}

function slotOf (bytes: Uint8Array, start: number, end: number): number {
  return ((end - start) * 37 + (bytes[start] as number) * 5 + (bytes[end - 1] as number)) & 0xff
}

function isSame (text: Uint8Array, from: number, to: number, bytes: Uint8Array, start: number): boolean {
  const shift = start - from
  for (let index = from; index < to; index++) {
    if (text[index] !== bytes[index + shift]) return false
  }
  return true
}
