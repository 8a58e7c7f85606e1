import { readFileSync } from 'node:fs'

/** Keys of the access lines of test/fixtures. */
export const accessKeys = {
  format: 'auto' as const,
  statusKeys: ['status', 'status_code'],
  requestKeys: ['method', 'request', 'path', 'http.request.method'],
}

export function fixtureLines (name: 'stdout.log' | 'access.f2.log' | 'access.f3.log'): readonly Buffer[] {
  const bytes = readFileSync(new URL(`../fixtures/apache-modphp/${name}`, import.meta.url))
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start)
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return lines
}

/** A small generator of numbers in [0, limit) that a seed makes repeatable. Source: https://prng.di.unimi.it/splitmix64.c */
export function createRandom (seed: number): (limit: number) => number {
  let state = seed >>> 0
  return limit => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit
  }
}

const spices = ['"', '\\', '{', '}', '[', ']', ',', ':', '-', '0', '1', '.', 'e', 'E', '+', ' ', '\n', '\t', '\r',
  'true', 'false', 'null', 'nul', '\\u12aF', '\\ud800', '\\x41', '\\v', '""', '\0', '\x1f', '\x7f', '田', '😀', '{}', '[]',
  '"status":200,', '"path":"/",', '{"a":[1,{"b":null}]}'].map(text => Buffer.from(text))
  .concat([0x80, 0xc0, 0xe3, 0xed, 0xf0, 0xff].map(byte => Buffer.of(byte)))

/** Changes a few bytes: replaces, inserts, deletes, cuts, repeats a stretch. */
export function mutate (line: Buffer, random: (limit: number) => number): Buffer {
  let bytes = line
  for (let count = random(4); count >= 0; count--) {
    const at = random(bytes.length + 1)
    const length = random(5) === 0 ? random(40) : random(3)
    const rest = bytes.subarray(Math.min(at + length, bytes.length))
    const spice = spices[random(spices.length)] ?? Buffer.alloc(0)
    switch (random(5)) {
      case 0: bytes = Buffer.concat([bytes.subarray(0, at), spice, rest]); break
      case 1: bytes = Buffer.concat([bytes.subarray(0, at), spice, bytes.subarray(at)]); break
      case 2: bytes = Buffer.concat([bytes.subarray(0, at), rest]); break
      case 3: bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]); break
      default: if (random(20) === 0) bytes = bytes.subarray(0, at)
    }
  }
  return bytes
}

/** The same bytes, but reading outside of them throws. */
export function guarded (bytes: Uint8Array): Uint8Array {
  return new Proxy(bytes, {
    get (target, key) {
      const index = typeof key === 'string' ? Number(key) : NaN
      if (Number.isInteger(index) && (index < 0 || index >= target.length)) throw new RangeError(`read at ${index}`)
      return Reflect.get(target, key, target) as unknown
    },
  })
}
