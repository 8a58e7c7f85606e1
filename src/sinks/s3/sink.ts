import type { Segment } from '../../contracts/segment.ts'
import type { Batch, Sink } from '../../contracts/sink.ts'
import { extensionOf } from '../compression.ts'
import { objectKey } from '../names.ts'
import { Attempts } from './attempts.ts'
import { createObjectBody, type BodyOptions } from './object-body.ts'
import { createS3Objects, type S3ObjectsOptions } from './objects.ts'

export interface S3Options extends S3ObjectsOptions, BodyOptions {
  readonly keyTemplate: string
  /** Values for the template's placeholders besides the segment's own. */
  readonly values: Readonly<Record<string, string>>
}

/**
 * Stores each segment as one object. The key says what is in it, so sending a batch twice stores the same object: the
 * second request finds it there, or writes the same bytes again. Why it is not always believed that it is there:
 * docs/decisions/stored-already.md.
 */
export function createS3Sink (options: S3Options): Sink {
  const { compression, requests } = options
  const objects = createS3Objects(options)
  const attemptsOf = new WeakMap<Segment, Attempts>()

  async function send ({ segment, records }: Batch, signal: AbortSignal, onRequest: () => void): Promise<void> {
    const attempts = attemptsOf.get(segment) ?? new Attempts()
    attemptsOf.set(segment, attempts)
    if (segment.mayBeDelivered === true) attempts.mayBeStored()
    const named = { ...segment, id: `${segment.id}${attempts.suffix}` }
    const key = objectKey(named, options.keyTemplate, extensionOf[compression], options.values)
    // A high level on a slow processor takes longer than a request may: each piece has that time to itself.
    const body = await createObjectBody(segment, options, signal, onRequest)
    const isFree = await objects.put(key, body, attempts, signal, onRequest)
    requests.sent(body.length, records)
    if (isFree && compression !== 'none') options.memory.give(body)
  }

  return {
    name: 's3',
    cutting: undefined,
    send: async (batch, signal, onRequest = () => undefined) => {
      try {
        await send(batch, signal, onRequest)
        return []
      } catch (error) {
        throw objects.errorOf(error)
      }
    },
    reconnect: () => objects.close(),
    close: async () => objects.close(),
  }
}
