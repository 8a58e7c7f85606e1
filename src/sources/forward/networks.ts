import { BlockList } from 'node:net'
import { parseNetwork } from '../../config/network.ts'

/**
 * Says whether an address is one of the networks, whose addresses may send. IPv4 addresses count as such however a
 * socket writes them.
 */
export function amongNetworks (networks: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList()
  for (const text of networks) {
    const network = parseNetwork(text)
    if (network !== undefined) list.addSubnet(network.address, network.prefixBits, network.family)
  }
  return address => {
    // Without the name of an interface: `fe80::1%eth0`.
    const [plain = ''] = address?.split('%') ?? []
    return plain !== '' && list.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
  }
}
