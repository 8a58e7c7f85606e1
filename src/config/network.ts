import { BlockList, isIP } from 'node:net'

/** Addresses whose first `prefixBits` are those of `address`. */
export interface Network {
  readonly family: 'ipv4' | 'ipv6'
  readonly address: string
  readonly prefixBits: number
}

/** `10.0.0.0/8`, `fd00::/8`, or one address; undefined if `text` is none of them. */
export function parseNetwork (text: string): Network | undefined {
  const [, address = '', digits] = /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  if (version === 0) return undefined
  const bits = version === 4 ? 32 : 128
  const prefixBits = digits === undefined ? bits : Number(digits)
  return prefixBits > bits ? undefined : { family: version === 4 ? 'ipv4' : 'ipv6', address, prefixBits }
}

/** True if everyone is in one of them. */
export function isEveryone (networks: readonly string[]): boolean {
  return networks.some(text => parseNetwork(text)?.prefixBits === 0)
}

/** True if an address of this machine's loopback is in one of them. */
export function hasLoopback (networks: readonly string[]): boolean {
  const list = new BlockList()
  for (const { address, family, prefixBits } of networks.flatMap(text => parseNetwork(text) ?? [])) {
    if (address.startsWith('127.')) return true
    list.addSubnet(address, prefixBits, family)
  }
  return list.check('127.0.0.1') || list.check('::1', 'ipv6')
}
