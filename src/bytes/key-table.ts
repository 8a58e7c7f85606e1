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
  /** Number of the key `bytes[start, end)`, as `bits`, `slots` and `names` count them; -1 when it is not known. */
  find (bytes: Uint8Array, start: number, end: number): number
  /** Of each key: the bits of its groups. */
  readonly bits: Int32Array
  /** Of each key: the slot into which its value belongs, -1 for none. */
  readonly slots: Int32Array
  readonly names: readonly string[]
}

/**
 * At most 30 groups. A key may be in several; the groups may be empty.
 *
 * @param slotByKey for keys whose values somebody asks for: where in `Places` they are noted
 */
export function createKeyTable (
  groups: readonly (readonly string[])[], slotByKey: ReadonlyMap<string, number> = new Map()
): KeyTable {
  const bitsByKey = new Map<string, number>()
  for (const key of slotByKey.keys()) bitsByKey.set(key, 0)
  for (const [group, keys] of groups.entries()) {
    for (const key of keys) bitsByKey.set(key, (bitsByKey.get(key) ?? 0) | (1 << group))
  }
  bitsByKey.delete('')

  const names = [...bitsByKey.keys()]
  const text = Buffer.from(names.join(''))
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

  function find (bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return -1
    let candidate = heads[slotOf(bytes, start, end)] as number
    while (candidate >= 0) {
      const from = starts[candidate] as number
      const to = starts[candidate + 1] as number
      if (to - from === end - start && isSame(text, from, to, bytes, start)) return candidate
      candidate = nexts[candidate] as number
    }
    return -1
  }

  return {
    allBits,
    bitsOf (bytes, start, end) {
      const key = find(bytes, start, end)
      return key < 0 ? 0 : bits[key] as number
    },
    find,
    bits,
    slots: Int32Array.from(names, name => slotByKey.get(name) ?? -1),
    names,
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
