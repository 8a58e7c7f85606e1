import { Writable } from 'node:stream'
import type { Logger } from 'pino'
import { createLogger } from '../../src/telemetry/logger.ts'

/** The product's own logger, with its lines kept, parsed. */
export function recordingLog (): { readonly log: Logger, readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write (chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>)
      done()
    },
  })
  return { log: createLogger({ level: 'trace', stream }), lines }
}
