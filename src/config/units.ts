const sizeUnits = {
  B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40,
} as const
const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Bytes of `64MiB`, `1.5GiB`, `500kB` or `4096`, rounded down; undefined if `text` is not a size. */
export function parseSize (text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([kMGT]?B|[KMGT]iB|)$/.exec(text) ?? []
  if (amount === undefined) return undefined
  if (unit === '') return amount.includes('.') ? undefined : Number(amount)
  return Math.floor(Number(amount) * sizeUnits[unit as keyof typeof sizeUnits])
}

/** Milliseconds of `60s`, `1h30m`, `1.5s` or `0`; undefined if `text` is not a duration in whole milliseconds. */
export function parseDuration (text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    totalMs += Number(amount) * durationUnits[unit as keyof typeof durationUnits]
  }
  // Floating point: 0.1 + 0.2 is not 0.3. A fraction below a millionth of a millisecond is such an error.
  const wholeMs = Math.round(totalMs)
  return Math.abs(totalMs - wholeMs) < 1e-6 ? wholeMs : undefined
}

/** The shortest text that `parseSize` reads back as the same number. */
export function formatSize (bytes: number): string {
  if (bytes === 0) return '0B'
  const byLength = (['TiB', 'GiB', 'MiB', 'KiB', 'TB', 'GB', 'MB', 'kB', 'B'] as const)
    .filter(unit => bytes % sizeUnits[unit] === 0)
    .map(unit => `${bytes / sizeUnits[unit]}${unit}`)
  return byLength.reduce((best, text) => text.length < best.length ? text : best)
}

/** The text that `parseDuration` reads back as the same number: `90s` is `1m30s`. */
export function formatDuration (ms: number): string {
  let restMs = ms
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(restMs / durationUnits[unit])
    if (count > 0) text += `${count}${unit}`
    restMs -= count * durationUnits[unit]
  }
  return text === '' ? '0s' : text
}

/** The size that `64M`, `10 mb` or `64mib` was meant to be; undefined if there is no guess. */
export function meantSize (text: string): string | undefined {
  const [, amount, letter] = /^(\d+(?:\.\d+)?)\s*([kmgt])(?:i?b)?$/i.exec(text) ?? []
  return letter === undefined ? undefined : `${amount}${letter.toUpperCase()}iB`
}

/** The duration that `60`, `60 sec` or `5 minutes` was meant to be. */
export function meantDuration (text: string): string | undefined {
  const [, amount, word] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
  if (word === undefined) return undefined
  const unit = word === '' ? 's' : /^(?:ms$|milli|msec)/i.test(word) ? 'ms' : /^[smhd]/i.exec(word)?.[0].toLowerCase()
  return unit === undefined ? undefined : `${amount}${unit}`
}
