import { BlockList } from 'node:net'
import { parseNetwork } from '../../config/network.ts'

/** Networks whose addresses may send. IPv4 addresses count as such however a socket writes them. */
export class Networks {
  readonly #list = new BlockList()

  constructor (networks: readonly string[]) {
    for (const text of networks) {
      const network = parseNetwork(text)
      if (network !== undefined) this.#list.addSubnet(network.address, network.prefixBits, network.family)
    }
  }

  includes (address: string | undefined): boolean {
    if (address === undefined) return false
    // Without the name of an interface: `fe80::1%eth0`.
    const [plain = ''] = address.split('%')
    return this.#list.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
  }
}
