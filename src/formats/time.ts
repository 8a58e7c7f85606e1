const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const maxZones = 64

/** Turns times of log lines that name their zone into ISO 8601 in UTC; remembers the zones it has met. */
export interface ErrorTime {
  /** `24-Nov-2026 04:37:30 Asia/Tokyo`, as PHP writes it. undefined for a zone that is not known. */
  ofPhp (day: string, clock: string, zone: string): string | undefined
  /** `2026-11-23T10:00:00.123456+00:00` and its looser forms; undefined without a zone. Microseconds are kept. */
  ofIso (text: string): string | undefined
}

export function createErrorTime (): ErrorTime {
  const zones = new Map<string, Intl.DateTimeFormat | undefined>()

  function formatOf (zone: string): Intl.DateTimeFormat | undefined {
    if (zones.has(zone)) return zones.get(zone)
    let format: Intl.DateTimeFormat | undefined
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
    } catch {
      // Not the name of a zone: an expected outcome, the line keeps its own words.
      format = undefined
    }
    if (zones.size >= maxZones) zones.clear()
    zones.set(zone, format)
    return format
  }

  /** What the clocks of the zone show at that time, as ms since the epoch. */
  function wallMs (format: Intl.DateTimeFormat, timeMs: number): number {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(timeMs)) parts[type] = Number(value)
    return Date.UTC(parts['year'] ?? 0, (parts['month'] ?? 1) - 1, parts['day'], parts['hour'], parts['minute'],
      parts['second'])
  }

  return {
    ofPhp (day, clock, zone) {
      const month = months.indexOf(day.slice(3, 6))
      const local = Date.parse(`${day.slice(7)}-${String(month + 1).padStart(2, '0')}-${day.slice(0, 2)}T${clock}Z`)
      if (month < 0 || Number.isNaN(local)) return undefined
      if (zone === 'UTC') return new Date(local).toISOString()
      const format = formatOf(zone)
      if (format === undefined) return undefined
      // Once more from the offset just found: near a change of the clocks the first guess lies on the wrong side.
      const guess = local - (wallMs(format, local) - local)
      return new Date(local - (wallMs(format, guess) - guess)).toISOString()
    },
    ofIso (text) {
      const found = isoForm.exec(text)
      if (found === null) return undefined
      const [, day = '', clock = '', fraction = '', zone = ''] = found
      const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
      const timeMs = Date.parse(`${day}T${clock}${offset}`)
      if (Number.isNaN(timeMs)) return undefined
      return `${new Date(timeMs).toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(3, '0')}Z`
    },
  }
}

const isoForm = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)$/
