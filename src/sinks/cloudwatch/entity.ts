import { pairsOf } from '../aws/client.ts'
import type { Instruments } from '../../telemetry/instruments.ts'

/** What the events are about, `key=value`; without key attributes, nothing is said. */
export interface EntitySettings {
  readonly keyAttributes: readonly string[]
  readonly attributes: readonly string[]
}

export interface EntityOptions extends EntitySettings, Pick<Instruments, 'metrics' | 'log'> {
  readonly group: string
}

/** The end of a PutLogEvents request that says nothing of an entity. */
export const plainClosing = Buffer.from(']}')

/**
 * The entity of a sink's requests. Events come first: what CloudWatch Logs has against an entity is told and counted,
 * and costs no record.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Entity.html
 */
export class Entity {
  readonly #options: EntityOptions
  readonly #told = new Set<string>()
  #closing: Buffer

  constructor (options: EntityOptions) {
    this.#options = options
    this.#closing = closingOf(options)
  }

  /** What the JSON of a request ends with after its last event. Made once. */
  get closing (): Buffer {
    return this.#closing
  }

  /** The events of a batch were stored without it. */
  refused (reason: string): void {
    const { group, metrics, log } = this.#options
    metrics.counter('sluice_sink_entities_refused_total', reason).value++
    if (this.#told.has(reason)) return
    this.#told.add(reason)
    log.warn({ group, reason }, 'entity refused, events stored: correct cloudwatch.entity')
  }

  /** As `refused`, for a request that was refused as a whole until it came without: it is not sent again. */
  leaveOut (reason: string): void {
    this.#closing = plainClosing
    this.refused(reason)
  }
}

function closingOf ({ keyAttributes, attributes }: EntitySettings): Buffer {
  if (keyAttributes.length === 0) return plainClosing
  const entity = {
    keyAttributes: pairsOf(keyAttributes),
    ...(attributes.length === 0 ? {} : { attributes: pairsOf(attributes) }),
  }
  return Buffer.from(`],"entity":${JSON.stringify(entity)}}`)
}

// Tested in test/sinks/cloudwatch/put-log-events.test.ts
