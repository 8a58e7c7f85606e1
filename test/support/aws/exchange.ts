import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerControl } from './control.ts'
import type { Fault, Faults } from './faults.ts'
import type { Service } from './service.ts'
import { verifySignature } from './sigv4.ts'
import type { Account } from './sigv4.ts'
import type { AwsState } from './state.ts'
import { stsContentType } from './sts.ts'
import { AwsError, readHeaders, readQuery } from './wire.ts'
import type { Answer, AwsRequest } from './wire.ts'

/** What all requests have in common. */
export interface Shared {
  readonly state: AwsState
  readonly faults: Faults
  readonly accounts: readonly Account[]
  readonly s3: Service
  readonly logs: Service
  readonly sts: Service
  readonly signingNow: () => number
  readonly requestBytes: number
  readonly withinRate: (operation: string) => boolean
  /** Pauses under way, so that closing ends them. */
  readonly timers: Set<NodeJS.Timeout>
}

/** One request and its answer, as the connection sees it. */
interface Exchange {
  readonly outgoing: ServerResponse
  /** Reports how it ended; only the first call counts. */
  end: (outcome: string) => void
  /** What the end of the connection means while nothing was answered. */
  closedAs: string
}

/** Reads one request whole, then has it judged and answered. */
export function receive (incoming: IncomingMessage, outgoing: ServerResponse, shared: Shared): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const service = serviceOf(incoming, shared)
  const exchange: Exchange = { outgoing, end: () => {}, closedAs: 'aborted' }
  outgoing.sendDate = false
  outgoing.setHeader('date', new Date(shared.signingNow()).toUTCString())
  const head = readHead(incoming, service)
  if (head === undefined) {
    outgoing.writeHead(400).end()
    return
  }
  const control = head.path.startsWith('/__')
  if (!control) {
    const operation = service.operationOf({ ...head, body: Buffer.alloc(0), overlong: false })
    exchange.end = shared.state.tally.begin(service.name, operation)
    // The connection may end before, during or after the work: whoever reports first wins.
    outgoing.on('close', () => { exchange.end(exchange.closedAs) })
  }
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= shared.requestBytes) chunks.push(chunk)
  })
  incoming.on('error', () => { exchange.end('aborted') })
  incoming.on('end', () => {
    const request = { ...head, body: Buffer.concat(chunks), overlong: bytes > shared.requestBytes }
    if (control) write(answerControl(request, shared.state, shared.faults), request, outgoing)
    else serve(request, service, exchange, shared)
  })
}

/** By what each protocol has in its headers. */
function serviceOf ({ headers, method, url }: IncomingMessage, { s3, logs, sts }: Shared): Service {
  if (headers['x-amz-target'] !== undefined) return logs
  return method === 'POST' && url === '/' && headers['content-type'] === stsContentType ? sts : s3
}

function readHead (incoming: IncomingMessage, service: Service): Omit<AwsRequest, 'body' | 'overlong'> | undefined {
  const url = incoming.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  try {
    decodeURIComponent(path)
    return {
      id: service.name === 's3' ? randomBytes(8).toString('hex').toUpperCase() : randomUUID(),
      method: incoming.method ?? '',
      path,
      query: readQuery(mark === -1 ? '' : url.slice(mark + 1)),
      headers: readHeaders(incoming.rawHeaders),
    }
  } catch {
    // Percent escapes that are no UTF-8: neither a name nor a signature can be made of them.
    return undefined
  }
}

/** Judges one whole request: the signature first, so that no fault hides a bad one, then the fault, then the work. */
function serve (
  request: AwsRequest, service: Service, exchange: Exchange, shared: Shared
): void {
  const { outgoing, end } = exchange
  const operation = service.operationOf(request)
  const refuse = (error: AwsError): void => {
    if (error.breach !== undefined) {
      shared.state.violations.push({
        service: service.name,
        operation,
        rule: error.breach,
        detail: `${error.code}: ${error.message}`,
        requestId: request.id,
      })
    }
    service.note?.(operation, request, error.code)
    end(error.code)
    write(service.errorAnswer(error, request), request, outgoing)
  }
  const verdict = verifySignature(request, service.name, shared.accounts, shared.signingNow())
  if (verdict.kind === 'refused') return refuse(service.refusal(verdict.reason, verdict.found, request))

  const work = (fault: Fault | undefined): void => {
    if (fault?.mode === 'hang' || fault?.mode === 'reset') {
      service.note?.(operation, request, fault.mode)
      exchange.closedAs = fault.mode
      if (fault.mode === 'reset') outgoing.socket?.resetAndDestroy()
      return
    }
    if (fault?.mode === 'page') {
      service.note?.(operation, request, fault.mode)
      end(fault.mode)
      write({ status: 403, headers: { 'content-type': 'text/html' }, body: '<html><p>Forbidden</html>' }, request, outgoing)
      return
    }
    try {
      const failure = fault === undefined ? undefined : service.failure(fault, operation, request)
      if (failure !== undefined) return refuse(failure)
      const answer = service.answer(operation, request, verdict, fault)
      if (fault?.mode === 'lost') {
        end('lost')
        outgoing.socket?.destroy()
        return
      }
      if (fault?.mode === 'cut') {
        end('cut')
        outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body) + 2) })
        outgoing.write(`${answer.body} `, () => outgoing.socket?.destroy())
        return
      }
      end('ok')
      write(answer, request, outgoing)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      refuse(error)
    }
  }
  const throttled: Fault | undefined = shared.withinRate(operation) ? undefined : { mode: 'throttle' }
  const fault = throttled ?? shared.faults.take(service.name, operation, request.body)
  if (fault !== undefined) shared.state.tally.changed()
  const pauseMs = fault?.ms ?? (fault?.mode === 'slow' ? 1000 : 0)
  if (pauseMs === 0) return work(fault)
  const timer = setTimeout(() => {
    shared.timers.delete(timer)
    work(fault)
  }, pauseMs)
  shared.timers.add(timer)
}

function write (answer: Answer, request: AwsRequest, outgoing: ServerResponse): void {
  const bodyless = request.method === 'HEAD'
  const bytes = Buffer.byteLength(answer.body)
  // An error to HEAD has no body at all; the length of an object's is still said.
  const length = bodyless && answer.status >= 300 ? {} : { 'content-length': String(bytes) }
  outgoing.writeHead(answer.status, { ...answer.headers, ...length })
  outgoing.end(bodyless ? undefined : answer.body)
}
