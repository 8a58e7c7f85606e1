/**
 * Loaded before the program (`--import`): the name `aws.test` has an address, but not while the file BROKEN_DNS is
 * there. Names under `.test` are nobody's. Source: https://www.rfc-editor.org/rfc/rfc6761
 */
import dns from 'node:dns'
import { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

type Found = (error: Error | null, address?: unknown, family?: number) => void
type Lookup = (name: string, options: dns.LookupOptions, found: Found) => void

const lookup = dns.lookup as unknown as Lookup
const isBroken = () => existsSync(process.env['BROKEN_DNS'] ?? '')

function lookUp (name: string, options: dns.LookupOptions, found: Found): void {
  if (name !== 'aws.test') {
    lookup(name, options, found)
    return
  }
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: name })
  setImmediate(() => {
    if (isBroken()) found(error)
    else if (options.all === true) found(null, [{ address: '127.0.0.1', family: 4 }])
    else found(null, '127.0.0.1', 4)
  })
}

dns.lookup = lookUp as unknown as typeof dns.lookup
syncBuiltinESMExports()
