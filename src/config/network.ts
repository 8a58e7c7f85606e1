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

/** Says whether an address is of one of the networks. One of IPv4 counts as such however a socket writes it. */
export function amongNetworks (networks: readonly Network[]): (address: string | undefined) => boolean {
  const list = new BlockList()
  for (const { address, prefixBits, family } of networks) list.addSubnet(address, prefixBits, family)
  return address => {
    // Without the name of an interface: `fe80::1%eth0`.
    const [plain = ''] = address?.split('%') ?? []
    const version = isIP(plain)
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** True if an address of this machine's loopback is in one of them. */
export function hasLoopback (networks: readonly string[]): boolean {
  const parsed = networks.flatMap(text => parseNetwork(text) ?? [])
  const isAmong = amongNetworks(parsed)
  return parsed.some(({ address }) => address.startsWith('127.')) || isAmong('127.0.0.1') || isAmong('::1')
}
