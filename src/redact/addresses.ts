import { isIPv4, isIPv6 } from 'node:net'
import type { LineRewriter } from '../bytes/line-rewriter.ts'

/** What an address is written with, and what may stand between two. */
const address = /[0-9a-fA-F:.]{3,45}/g

/** Of an address of IPv4 the first 24 bits stay, of one of IPv6 the first 48; undefined: it is none. */
function truncateAddress (text: string): string | undefined {
  if (isIPv4(text)) return text.replace(/\d+$/, '0')
  const withPort = /^([\d.]+)(:\d+)$/.exec(text)
  if (withPort !== null && isIPv4(withPort[1] as string)) return `${truncateAddress(withPort[1] as string)}${withPort[2]}`
  if (!isIPv6(text)) return undefined
  const mapped = /^(::ffff:)([\d.]+)$/i.exec(text)
  if (mapped !== null) return `${mapped[1]}${truncateAddress(mapped[2] as string)}`
  const [before = '', after] = text.split('::')
  const groups = before === '' ? [] : before.split(':')
  if (after !== undefined) {
    const last = after === '' ? [] : after.split(':')
    const missing = 8 - groups.length - last.length - (after.includes('.') ? 1 : 0)
    groups.push(...Array.from({ length: Math.max(0, missing) }, () => '0'), ...last)
  }
  const kept = groups.slice(0, 3)
  while (kept.length > 0 && /^0+$/.test(kept.at(-1) as string)) kept.pop()
  return `${kept.join(':')}::`
}

/** Longest value in which addresses are looked for, bytes: a list of proxies. */
const maxValueBytes = 1024

/** Truncates every address in `[start, end)`. @returns whether there was one that changed */
export function truncateAddresses (rewriter: LineRewriter, bytes: Buffer, start: number, end: number): boolean {
  const text = bytes.toString('latin1', start, Math.min(end, start + maxValueBytes))
  const { count } = rewriter
  for (const { 0: found, index } of text.matchAll(address)) {
    const truncated = truncateAddress(found)
    if (truncated === undefined || truncated === found) continue
    rewriter.replace(start + index, start + index + found.length, 0).append(Buffer.from(truncated))
  }
  return rewriter.count > count
}

// Tested in test/redact/redactor.test.ts
