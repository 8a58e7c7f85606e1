import type { Subject } from './subject.ts'

/** Keys under which lines have the id of their trace or request, the most telling first. */
export const traceKeys: readonly string[] = ['trace_id', 'traceId', 'trace.id', 'traceparent', 'x_amzn_trace_id',
  'request_id', 'requestId', 'unique_id']

const traceparentBytes = 55
const idStart = 3
const idEnd = 35

/**
 * Says of each record whether it is the one of `count` that is kept. The answer depends on nothing but the trace id, or
 * the line where it has none: the lines of one trace stay together, and a line that is sent again has the same end.
 */
export function createSampler (
  count: number, traces: readonly { readonly slot: number, readonly key: number }[]
): (subject: Subject) => boolean {
  return subject => {
    let isFound = false
    for (const { slot, key } of traces) {
      isFound = subject.findKey(slot, key) && subject.end > subject.start
      if (isFound) break
    }
    if (!isFound) subject.findLine()
    let { start, end } = subject
    // Of a traceparent the spans differ within a trace.
    if (isFound && end - start === traceparentBytes && subject.bytes[start + 2] === 0x2d) {
      end = start + idEnd
      start += idStart
    }
    return hashOf(subject.bytes, start, end) % count === 0
  }
}

/** FNV-1a with the last step of murmur3, so that the remainder by any count is even. */
function hashOf (bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

// Tested in test/filter/rules/rules.test.ts
