/** Bytes of a size of Fluent Bit: `10M` is ten million. undefined: it is none, as `off`. */
export function bytesOf (text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(text.trim()) ?? []
  if (amount === undefined) return undefined
  const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
  return Math.floor(Number(amount) * (factors[unit.toLowerCase()] ?? 1))
}

/** Milliseconds of a time of Fluent Bit: `10m`, `60`, `0.5`. undefined: it is none. */
export function msOf (text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([smhd]?)$/i.exec(text.trim()) ?? []
  if (amount === undefined) return undefined
  const factors: Readonly<Record<string, number>> = { '': 1e3, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }
  return Math.round(Number(amount) * (factors[unit.toLowerCase()] ?? 1e3))
}
