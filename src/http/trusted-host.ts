import { isIP } from 'node:net'

/**
 * Whether a request may be answered that names this host in `Host`: an address, `localhost`, or one of `names`.
 *
 * A page in somebody's browser may make its own name mean this address (DNS rebinding), and would then be allowed to
 * read the answer. Its requests still say its name. No host at all is no browser.
 */
export function isTrustedHost (host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined || host === '') return true
  const [, inBrackets, plain = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{0,5})?$/.exec(host) ?? []
  if (inBrackets !== undefined) return isIP(inBrackets) === 6
  const name = plain.toLowerCase().replace(/\.$/, '')
  return name === 'localhost' || isIP(name) === 4 || names.some(known => known.toLowerCase() === name)
}
