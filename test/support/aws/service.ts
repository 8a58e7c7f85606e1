import type { Fault } from './faults.ts'
import type { RefusalReason, Verdict } from './sigv4.ts'
import type { Answer, AwsError, AwsRequest, ServiceName } from './wire.ts'

export type Caller = Extract<Verdict, { kind: 'verified' }>

/**
 * One AWS service. The server calls, in this order: `operationOf`, then `refusal` when the signature is not good, or
 * `failure` when a fault answers instead of the service, or `answer`. What is thrown goes through `errorAnswer`.
 */
export interface Service {
  readonly name: ServiceName
  /** The operation by its AWS name; `Unsupported` when the stand-in has no such operation. Never throws. */
  operationOf (request: AwsRequest): string
  /** How this service words a bad signature. */
  refusal (reason: RefusalReason, found: string, request: AwsRequest): AwsError
  /** How this service words a fault; undefined when the fault acts inside `answer`, or not on the answer at all. */
  failure (fault: Fault, operation: string, request: AwsRequest): AwsError | undefined
  /** Does the work, whole or not at all, in one turn of the event loop. @throws AwsError */
  answer (operation: string, request: AwsRequest, caller: Caller, fault: Fault | undefined): Answer
  errorAnswer (error: AwsError, request: AwsRequest): Answer
  /** Tells the service of a request that did not reach `answer`, or failed there, by the code of its error. */
  note? (operation: string, request: AwsRequest, outcome: string): void
}
