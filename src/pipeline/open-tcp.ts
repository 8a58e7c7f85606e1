import { isLoopback } from '../config/address.ts'
import { isEveryone } from '../config/network.ts'
import type { Config } from '../config/settings.ts'

type Access = Pick<Config, 'tcp' | 'tcpAllow' | 'tcpTls' | 'tcpAuth'>

/** What is wrong when anybody on the network can write logs, with what to do; undefined when nobody can. */
export function openTcpWords ({ tcp, tcpAllow, tcpTls, tcpAuth }: Access): string | undefined {
  if (tcp === 'off' || isLoopback(tcp)) return undefined
  const isKept = (tcpAllow.length > 0 && !isEveryone(tcpAllow)) || tcpTls.clientCa !== 'off' ||
    tcpAuth.sharedKey !== 'off' || tcpAuth.sharedKeyFile !== 'off'
  if (isKept) return undefined
  return 'tcp takes lines from anybody who can reach it: set tcpAllow, tcpTls.clientCa or tcpAuth.sharedKey, or let it listen on 127.0.0.1'
}
