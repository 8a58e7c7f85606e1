import { isIPv4, isIPv6 } from 'node:net'
import type { Address } from './setting.ts'

export const maxPort = 65_535

/** `127.0.0.1:24224`, `localhost:2020` or `[::1]:2020`; undefined if `text` is not such an address. */
export function parseAddress (text: string): Address | undefined {
  const [, inBrackets, name, digits] = /^(?:\[([^\]\s]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > maxPort) return undefined
  if (inBrackets !== undefined) return isIPv6(inBrackets) ? { host: inBrackets, port } : undefined
  return name === undefined ? undefined : { host: name, port }
}

/** True for what would be an address if its port were not too high. */
export function hasHighPort (text: string): boolean {
  const [, host = '', digits] = /^(.*):(\d+)$/.exec(text) ?? []
  return Number(digits) > maxPort && parseAddress(`${host}:0`) !== undefined
}

/** The text that `parseAddress` reads back as the same address. */
export function formatAddress ({ host, port }: { readonly host: string, readonly port: number | string }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** True if no other machine can reach it. A name may mean any address. */
export function isLoopback ({ host }: Pick<Address, 'host'>): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** True if what listens at the one leaves no room at the other. `::` takes addresses of both kinds. */
export function isSameListener (a: Address, b: Address): boolean {
  const [hostA, hostB] = [a, b].map(({ host }) => host === 'localhost' ? '127.0.0.1' : host)
  const takes = (all: string, host: string) => all === '::' || (all === '0.0.0.0' && !isIPv6(host))
  return a.port === b.port && a.port !== 0 && (hostA === hostB || takes(a.host, b.host) || takes(b.host, a.host))
}

/** Where this machine asks what listens there: an address that stands for every interface is for listening only. */
export function ownUrl ({ host, port }: Address): string {
  return `http://${formatAddress({ host: ownHosts.get(host) ?? host, port })}/`
}

const ownHosts: ReadonlyMap<string, string> = new Map([['0.0.0.0', '127.0.0.1'], ['::', '::1']])

/** The address meant by `2020`, `:2020` or `tcp://127.0.0.1:2020`. A missing host is taken from `usual`. */
export function meantAddress (text: string, usual: string): string | undefined {
  const [, port] = /^(?:\*?:)?(\d{1,5})$/.exec(text) ?? []
  const rest = port === undefined
    ? /^[a-z]+:\/\/(.+?)\/?$/i.exec(text)?.[1]
    : formatAddress({ host: parseAddress(usual)?.host ?? '127.0.0.1', port: Number(port) })
  return rest !== undefined && parseAddress(rest) !== undefined ? rest : undefined
}
