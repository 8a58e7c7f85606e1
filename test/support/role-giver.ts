import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifySignature, type Account } from './aws/sigv4.ts'
import { readHeaders } from './aws/wire.ts'
import type { Owner } from './sluice-process.ts'

/** Keys of the role, which end at `endMs`; or a refusal. */
export type RoleAnswer =
  | { readonly keys: Account, readonly endMs: number }
  | { readonly status: number, readonly code: string, readonly message: string }

export interface RoleGiverOptions {
  /** Who may ask; whoever else does is not looked at when absent. */
  readonly accounts?: readonly Account[]
  readonly now?: () => number
  readonly answer: (query: URLSearchParams) => RoleAnswer
}

/**
 * As much of STS as is asked for a role.
 *
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function startRoleGiver (t: Owner, { accounts, now = Date.now, answer }: RoleGiverOptions) {
  const asked: URLSearchParams[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const body = Buffer.concat(parts)
      const query = new URLSearchParams(body.toString())
      asked.push(query)
      const signed = { id: '', method: 'POST', path: '/', query: [], headers: readHeaders(request.rawHeaders), body, overlong: false }
      const verdict = accounts === undefined ? undefined : verifySignature(signed, 'sts', accounts, now())
      const said = verdict?.kind === 'refused' ? refusalOf(verdict.reason) : answer(query)
      response.sendDate = false
      response.writeHead('keys' in said ? 200 : said.status, { 'content-type': 'text/xml', date: new Date(now()).toUTCString() })
      response.end('keys' in said ? xmlOfKeys(said.keys, said.endMs) : xmlOfError(said.code, said.message))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close().closeAllConnections() })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export const roleRefused: RoleAnswer = { status: 403, code: 'AccessDenied', message: 'not you' }

/** Source: https://github.com/aws/aws-cli/issues/6676 */
function refusalOf (reason: string): RoleAnswer {
  const message = reason === 'skewed'
    ? 'Signature expired: 20261201T000000Z is now earlier than 20261201T001500Z (20261201T003000Z - 15 min.)'
    : `The request signature we calculated does not match: ${reason}`
  return { status: 403, code: 'SignatureDoesNotMatch', message }
}

function xmlOfKeys ({ accessKeyId, secretAccessKey, sessionToken }: Account, endMs: number): string {
  return '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>' +
    `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${sessionToken ?? ''}</SessionToken><Expiration>${new Date(endMs).toISOString()}</Expiration>` +
    '</Credentials></AssumeRoleResult></AssumeRoleResponse>'
}

function xmlOfError (code: string, message: string): string {
  return '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
}
