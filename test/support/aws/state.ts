import type { BucketPolicy } from './bucket-policy.ts'
import type { RejectedInfo } from './faults.ts'
import type { LogEntity } from './logs-entity.ts'
import type { Store } from './store.ts'
import { Tally } from './tally.ts'
import type { ServiceName } from './wire.ts'

/** A rule broken in a way that a correct client never does. Holds no log data. */
export interface Violation {
  readonly service: ServiceName
  readonly operation: string
  readonly rule: string
  readonly detail: string
  readonly requestId: string
}

export interface StoredEvent {
  readonly timestamp: number
  readonly message: string
  readonly ingestionTime: number
  readonly requestId: string
}

export interface LogStream {
  readonly name: string
  readonly creationTime: number
  readonly events: StoredEvent[]
}

export interface LogGroup {
  readonly name: string
  readonly creationTime: number
  readonly logGroupClass: string
  readonly kmsKeyId: string | undefined
  readonly tags: Readonly<Record<string, string>>
  retentionInDays: number | undefined
  readonly streams: Map<string, LogStream>
}

export interface BucketOptions {
  readonly name: string
  /** The region of the stand-in when absent. */
  readonly region?: string
  /** The account of the first key when absent. */
  readonly ownerId?: string
  /** ACLs are off unless set, as in every bucket made since April 2023. */
  readonly acls?: boolean
  /** Object Lock with a retention by default: every object needs a checksum. */
  readonly objectLock?: boolean
  /** Who is refused what; nobody anything when absent. */
  readonly policy?: BucketPolicy
  /** Storage classes that it takes; all when absent. */
  readonly storageClasses?: readonly string[]
}

export interface Bucket {
  readonly name: string
  readonly region: string
  readonly ownerId: string
  readonly acls: boolean
  readonly objectLock: boolean
  readonly policy: BucketPolicy | undefined
  readonly storageClasses: readonly string[] | undefined
  readonly objects: Map<string, StoredObject>
}

export interface StoredObject {
  readonly bucket: string
  readonly key: string
  /** The object's bytes, any aws-chunked framing already off. */
  readonly body: Buffer
  readonly etag: string
  readonly lastModifiedMs: number
  /** Content-Type and its kin as they will be served; `aws-chunked` is not part of Content-Encoding. */
  readonly headers: Readonly<Record<string, string>>
  /** `x-amz-meta-…` without the prefix. */
  readonly metadata: Readonly<Record<string, string>>
  readonly storageClass: string
  readonly acl: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** The account that the request expected the bucket to be of. */
  readonly expectedBucketOwner: string | undefined
  readonly encryption: {
    readonly algorithm: string
    readonly kmsKeyId: string | undefined
    readonly bucketKey: boolean
  }
  /** Base64 by algorithm, the ones sent, or CRC64NVME when none was. */
  readonly checksums: Readonly<Record<string, string>>
  readonly requestId: string
}

/** One PutObject, whatever became of it. */
export interface PutAttempt {
  readonly bucket: string
  readonly key: string
  readonly requestId: string
  /** `stored`, or the code of the error. An answer lost after the write is `stored`. */
  readonly outcome: string
  readonly bodyBytes: number
}

/** One PutLogEvents that was taken. */
export interface StoredBatch {
  readonly group: string
  readonly stream: string
  readonly requestId: string
  readonly eventCount: number
  /** As AWS counts: UTF-8 bytes of the messages and 26 for each. */
  readonly batchBytes: number
  readonly rejected: RejectedInfo | undefined
  /** What the batch was stored with; undefined also when it was refused. */
  readonly entity: LogEntity | undefined
}

/** What the stand-in knows. Everything here is the caller's to read; only the services write. */
export class AwsState {
  readonly violations: Violation[] = []
  readonly buckets = new Map<string, Bucket>()
  readonly groups = new Map<string, LogGroup>()
  readonly batches: StoredBatch[] = []
  readonly tally = new Tally()
  readonly #puts: PutAttempt[] = []
  /** By group and stream, also of those deleted since: what was confirmed once stays confirmed. */
  readonly #events = new Map<string, StoredEvent[]>()
  readonly #store: Store | undefined
  readonly #defaults: { readonly region: string, readonly ownerId: string }

  constructor (options: { readonly region: string, readonly ownerId: string, readonly store: Store | undefined }) {
    this.#defaults = options
    this.#store = options.store
  }

  /** Requests begun, of an operation or a service; all when no name is given. */
  requestCount (name?: string): number {
    return this.tally.of(name).requestCount
  }

  /** The most requests that were ever open at once, of an operation or a service; of all when no name is given. */
  mostInFlightCount (name?: string): number {
    return this.tally.of(name).mostInFlightCount
  }

  /** How requests ended, by `ok`, error code, or `hang`, `reset`, `lost`, `aborted`. */
  outcomes (name?: string): Readonly<Record<string, number>> {
    return this.tally.of(name).outcomes
  }

  /**
   * Resolves once `reached` holds; asked now and whenever a request begins, meets a fault, stores or ends. For tests
   * that may not sleep.
   */
  until (reached: () => boolean): Promise<void> {
    return this.tally.until(reached)
  }

  /** Every event ever stored under these names, in the order of arrival, also if group or stream were deleted since. */
  events (group: string, stream: string): readonly StoredEvent[] {
    return this.#events.get(eventsKey(group, stream)) ?? []
  }

  /** Names of all streams that ever took an event, as [group, stream]. */
  streams (): ReadonlyArray<readonly [group: string, stream: string]> {
    return [...this.#events.keys()].map(key => {
      const [group = '', stream = ''] = key.split(':')
      return [group, stream] as const
    })
  }

  /** Objects in the bucket now, by key. */
  objects (bucket: string): readonly StoredObject[] {
    const objects = [...this.buckets.get(bucket)?.objects.values() ?? []]
    return objects.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  }

  object (bucket: string, key: string): StoredObject | undefined {
    return this.buckets.get(bucket)?.objects.get(key)
  }

  /** Every PutObject that named this bucket (and key), in order, with what became of it. */
  puts (bucket?: string, key?: string): readonly PutAttempt[] {
    return this.#puts.filter(put => (bucket ?? put.bucket) === put.bucket && (key ?? put.key) === put.key)
  }

  createBucket (options: BucketOptions): Bucket {
    const bucket: Bucket = {
      name: options.name,
      region: options.region ?? this.#defaults.region,
      ownerId: options.ownerId ?? this.#defaults.ownerId,
      acls: options.acls ?? false,
      objectLock: options.objectLock ?? false,
      policy: options.policy,
      storageClasses: options.storageClasses,
      objects: new Map(),
    }
    this.buckets.set(bucket.name, bucket)
    return bucket
  }

  createGroup (name: string, options: Partial<Omit<LogGroup, 'name' | 'streams'>> = {}): LogGroup {
    const group: LogGroup = {
      name,
      creationTime: options.creationTime ?? Date.now(),
      logGroupClass: options.logGroupClass ?? 'STANDARD',
      kmsKeyId: options.kmsKeyId,
      tags: options.tags ?? {},
      retentionInDays: options.retentionInDays,
      streams: new Map(),
    }
    this.groups.set(name, group)
    return group
  }

  deleteBucket (name: string): void {
    this.buckets.delete(name)
  }

  deleteGroup (name: string): void {
    this.groups.delete(name)
  }

  deleteStream (group: string, stream: string): void {
    this.groups.get(group)?.streams.delete(stream)
  }

  keepObject (object: StoredObject): void {
    this.buckets.get(object.bucket)?.objects.set(object.key, object)
    this.#store?.writeObject(object)
  }

  keepPut (put: PutAttempt): void {
    this.#puts.push(put)
    this.tally.changed()
  }

  keepBatch (batch: StoredBatch, events: readonly StoredEvent[]): void {
    this.batches.push(batch)
    this.tally.changed()
    if (events.length === 0) return
    const key = eventsKey(batch.group, batch.stream)
    const kept = this.#events.get(key) ?? []
    this.#events.set(key, kept)
    const stream = this.groups.get(batch.group)?.streams.get(batch.stream)
    for (const event of events) {
      kept.push(event)
      stream?.events.push(event)
    }
    this.#store?.appendEvents(batch.group, batch.stream, events)
  }
}

/** Neither a group nor a stream can have a colon in its name. */
function eventsKey (group: string, stream: string): string {
  return `${group}:${stream}`
}
