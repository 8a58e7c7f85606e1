/** `1,234` */
export function numeral (count: number): string {
  return count.toLocaleString('en-US')
}

/** `1,234 records`, `1 record`. */
export function countOf (count: number, noun: string): string {
  return `${numeral(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A length of time as people say it, in at most two units: `0.3 s`, `8 s`, `2 min 5 s`, `3 h`, `1 d 4 h`. */
export function duration (ms: number): string {
  if (ms < 1_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`
  const seconds = Math.floor(ms / 1_000)
  const units = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]] as const
  const first = units.findIndex(([, length]) => seconds >= length)
  let rest = seconds
  const parts: string[] = []
  for (const [name, length] of units.slice(first, first + 2)) {
    const whole = Math.floor(rest / length)
    rest -= whole * length
    if (whole > 0) parts.push(`${whole} ${name}`)
  }
  return parts.join(' ')
}

/** `1.5 GiB`, `12 KiB`, `80 bytes`. */
export function bytes (count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  let value = count
  let index = 0
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024
    index++
  }
  return `${index === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[index] ?? ''}`
}

/** A time as ISO 8601; undefined where it is none, or one that no date can be: a sender may say any. */
export function isoOf (timeMs: number | undefined): string | undefined {
  const date = new Date(timeMs ?? NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
