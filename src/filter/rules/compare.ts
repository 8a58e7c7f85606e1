import { hasBytes } from '../../bytes/ascii.ts'
import { amongNetworks } from '../../config/network.ts'
import type { Condition, Sign } from '../../config/rules/conditions.ts'
import { numberAt } from '../../formats/line-number.ts'
import { maxSeenBytes } from '../bounded-pattern.ts'

/** Whether `bytes[start, end)` is as a condition wants it. */
export type CompareBytes = (bytes: Buffer, start: number, end: number) => boolean
/** As `CompareBytes`, of a text that is one already. */
export type CompareText = (text: string) => boolean

const longestAddressBytes = 45

export function compareBytes (condition: Condition): CompareBytes {
  switch (condition.kind) {
    case 'equal': {
      const expected = Buffer.from(condition.text)
      return (bytes, start, end) => end - start === expected.length && hasBytes(bytes, start, end, expected)
    }
    case 'glob': return globOf(condition.parts)
    case 'pattern': {
      const { pattern } = condition
      return (bytes, start, end) => pattern.test(bytes.toString('utf8', start, Math.min(end, start + maxSeenBytes)))
    }
    case 'compare': {
      const holds = comparison(condition.sign, condition.number)
      return (bytes, start, end) => {
        const isNegative = bytes[start] === 0x2d
        const value = numberAt(bytes, isNegative ? start + 1 : start, end)
        return value >= 0 && holds(isNegative ? -value : value)
      }
    }
    case 'network': {
      const isAmong = amongNetworks([condition.network])
      return (bytes, start, end) => end - start <= longestAddressBytes && isAmong(bytes.toString('latin1', start, end))
    }
  }
}

export function compareText (condition: Condition): CompareText {
  if (condition.kind === 'equal') return text => text === condition.text
  if (condition.kind === 'pattern') return text => condition.pattern.test(text.slice(0, maxSeenBytes))
  const compare = compareBytes(condition)
  return text => {
    const bytes = Buffer.from(text)
    return compare(bytes, 0, bytes.length)
  }
}

export function comparison (sign: Sign, number: number): (value: number) => boolean {
  switch (sign) {
    case '<': return value => value < number
    case '<=': return value => value <= number
    case '>': return value => value > number
    case '>=': return value => value >= number
  }
}

/** What stands before the first `*` begins the value, what stands behind the last ends it, the rest lies between. */
function globOf (parts: readonly string[]): CompareBytes {
  const [first = Buffer.alloc(0), ...others] = parts.map(part => Buffer.from(part))
  const last = others.pop() ?? Buffer.alloc(0)
  const between = others.filter(({ length }) => length > 0)
  return (bytes, start, end) => {
    if (end - start < first.length + last.length) return false
    const lastStart = end - last.length
    if (!hasBytes(bytes, start, end, first) || !hasBytes(bytes, lastStart, end, last)) return false
    let from = start + first.length
    for (const part of between) {
      while (from <= lastStart && !hasBytes(bytes, from, lastStart, part)) from++
      if (from > lastStart) return false
      from += part.length
    }
    return true
  }
}

// Tested in test/filter/rules/rules.test.ts
