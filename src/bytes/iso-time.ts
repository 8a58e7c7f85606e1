/** Times outside of the years 1970 to 9999, for which ISO 8601 has no common form, become the nearest one inside. */
const lastMs = Date.UTC(10_000, 0) - 1

/**
 * Formats ms since the epoch as `2026-11-23T19:41:55.275Z`. The bytes belong to the formatter and change at the next
 * call; records come in order of time, so most calls find the second or the very millisecond done already.
 */
export function createIsoTime (): (timeMs: number) => Buffer {
  const bytes = Buffer.from(new Date(0).toISOString())
  const milliseconds = bytes.indexOf('.') + 1
  let formattedMs = 0
  let formattedSecond = 0
  return timeMs => {
    const whole = Number.isFinite(timeMs) ? Math.min(Math.max(Math.floor(timeMs), 0), lastMs) : 0
    if (whole === formattedMs) return bytes
    const second = Math.floor(whole / 1000)
    if (second !== formattedSecond) {
      bytes.write(new Date(whole).toISOString(), 'latin1')
      formattedSecond = second
    } else {
      const rest = whole - second * 1000
      bytes[milliseconds] = 0x30 + Math.floor(rest / 100)
      bytes[milliseconds + 1] = 0x30 + Math.floor(rest / 10) % 10
      bytes[milliseconds + 2] = 0x30 + rest % 10
    }
    formattedMs = whole
    return bytes
  }
}
