import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** What AWS, or whoever is in its place, says to a request. */
export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Reads each request whole and answers it as the test says then; for what the stand-in of AWS would never say. */
export async function startAnswering (t: Test) {
  let answer: (response: ServerResponse) => void = () => undefined
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    request.resume().on('end', () => answer(response))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close().closeAllConnections() })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    answerWith (next: (response: ServerResponse) => void): void { answer = next },
    say ({ status = 200, headers = {}, body = '' }: Said): void {
      answer = response => response.writeHead(status, headers).end(body)
    },
  }
}

/** What every answer of CloudWatch Logs has. */
export const ofLogs = { 'x-amzn-requestid': '1' }
