import { serviceNames, type ServiceName } from './wire.ts'

/** What can go wrong, and on which service; `operations` when it makes sense only there. */
export const faultModes = {
  throttle: { help: 'S3 503 SlowDown; Logs 400 ThrottlingException' },
  500: { help: 'S3 InternalError; Logs InternalFailure' },
  503: { help: 'S3 SlowDown; Logs ServiceUnavailableException' },
  reset: { help: 'the socket is reset after the request was read; nothing is stored' },
  hang: { help: 'no answer, ever; nothing is stored; let go when the stand-in closes' },
  slow: { help: 'stored and answered only after `ms` (1,000 unless said), even if the client is gone by then' },
  lost: { help: 'stored, then the socket is destroyed instead of an answer' },
  cut: { help: 'stored, then the answer breaks off one byte before its end' },
  page: { help: 'somebody in between answers 403 with a page; nothing is stored' },
  denied: { help: 'S3 403 AccessDenied; Logs 400 AccessDeniedException' },
  expired: { help: 'S3 400 ExpiredToken; Logs 400 ExpiredTokenException' },
  invalid: { help: 'S3 400 InvalidRequest; Logs 400 InvalidParameterException' },
  missing: { help: 'S3 answers NoSuchBucket; Logs deletes the group (`stream: true`: only the stream) first' },
  region: { help: 'S3 301 PermanentRedirect; Logs credential scoped to another region' },
  kms: { help: 'the key is disabled' },
  conflict: { help: '409 ConditionalRequestConflict', operations: ['PutObject'] },
  untrue: { help: '412 PreconditionFailed although nothing is stored', operations: ['PutObject'] },
  rejected: { help: 'rejectedLogEventsInfo for the events in `rejected`', operations: ['PutLogEvents'] },
} as const satisfies Record<string, { help: string, operations?: readonly string[] }>

export type FaultMode = `${Extract<keyof typeof faultModes, string | number>}`

/** Indexes as PutLogEvents answers them: `…EndIndex` are exclusive, `…StartIndex` is inclusive. */
export interface RejectedInfo {
  readonly tooNewLogEventStartIndex?: number
  readonly tooOldLogEventEndIndex?: number
  readonly expiredLogEventEndIndex?: number
}

export interface Fault {
  readonly mode: FaultMode
  /** Only this operation; all of the service when absent. */
  readonly operation?: string
  /** Share of requests hit, 0..1; all when absent. */
  readonly rate?: number
  /** How many requests are hit before the fault is over; no end when absent. */
  readonly count?: number
  /** Pause before the fault takes effect, ms; 0 but for `slow` when absent. */
  readonly ms?: number
  /** Only requests whose body holds this text: how one poisonous event is made. */
  readonly match?: string
  /** For `rejected`; the first event is too old when absent. */
  readonly rejected?: RejectedInfo
  /** For `missing` on Logs: only the stream goes. */
  readonly stream?: boolean
}

export interface Faults {
  /** Adds a fault after those there already; the first that hits a request wins. Returns what takes it away again. */
  add (service: ServiceName, fault: Fault): () => void
  /** Replaces all faults of a service; an empty list heals it. */
  set (service: ServiceName, ...faults: readonly Fault[]): void
  /** Heals one service, or all. */
  clear (service?: ServiceName): void
  /** The faults that can still hit, with what is left of their counts. */
  list (service: ServiceName): readonly Fault[]
  /** The fault that hits this request, if any; counts it. */
  take (service: ServiceName, operation: string, body: Buffer): Fault | undefined
}

interface Armed {
  readonly fault: Fault
  left: number
}

export function createFaults (random: () => number): Faults {
  const armed: Record<ServiceName, Armed[]> = { s3: [], logs: [], sts: [] }

  function arm (fault: Fault): Armed {
    return { fault, left: fault.count ?? Infinity }
  }

  function hits ({ fault, left }: Armed, operation: string, body: Buffer): boolean {
    const mode: { readonly help: string, readonly operations?: readonly string[] } = faultModes[fault.mode]
    return left > 0 &&
      (fault.operation ?? operation) === operation &&
      (mode.operations?.includes(operation) ?? true) &&
      (fault.match === undefined || body.includes(fault.match)) &&
      (fault.rate === undefined || random() < fault.rate)
  }

  return {
    add (service, fault) {
      const added = arm(fault)
      armed[service].push(added)
      return () => { added.left = 0 }
    },
    set (service, ...faults) {
      armed[service] = faults.map(arm)
    },
    clear (service) {
      for (const name of service === undefined ? serviceNames : [service]) armed[name] = []
    },
    list (service) {
      return armed[service].filter(({ left }) => left > 0)
        .map(({ fault, left }) => left === Infinity ? fault : { ...fault, count: left })
    },
    take (service, operation, body) {
      const hit = armed[service].find(candidate => hits(candidate, operation, body))
      if (hit !== undefined) hit.left--
      return hit?.fault
    },
  }
}

/** A small seeded generator (mulberry32): the same seed, the same faults. Values in [0, 1). */
export function createRandom (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
