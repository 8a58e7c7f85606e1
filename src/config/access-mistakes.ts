import type { Mistake } from './mistake.ts'
import type { Config } from './settings.ts'

type Access = Pick<Config, 'tcpTls' | 'tcpAuth'>

/**
 * Settings that are meant to keep senders out and do not, since another is missing or says something else. Guessing
 * would let in whom the operator wants to keep out, so nothing starts.
 *
 * @param places where each setting was given, by its path
 */
export function accessMistakes ({ tcpTls, tcpAuth }: Access, places: ReadonlyMap<string, string>): Mistake[] {
  const mistakes: Mistake[] = []
  const wrong = (path: string, problem: string, allowed: string) => {
    mistakes.push({ where: places.get(path) ?? path, path, problem, allowed })
  }
  const { cert, key, clientCa } = tcpTls
  if (cert !== 'off' && key === 'off') wrong('tcpTls.cert', 'given without tcpTls.key', 'both or neither')
  if (key !== 'off' && cert === 'off') wrong('tcpTls.key', 'given without tcpTls.cert', 'both or neither')
  if (clientCa !== 'off' && cert === 'off') wrong('tcpTls.clientCa', 'given without tcpTls.cert', 'with tcpTls.cert and tcpTls.key')

  const { sharedKey, sharedKeyFile, users, usersFile } = tcpAuth
  const hasUsers = users.length > 0
  if (sharedKey !== 'off' && sharedKeyFile !== 'off') wrong('tcpAuth.sharedKeyFile', 'given besides tcpAuth.sharedKey', 'one of them')
  if (hasUsers && usersFile !== 'off') wrong('tcpAuth.usersFile', 'given besides tcpAuth.users', 'one of them')
  if (sharedKey === 'off' && sharedKeyFile === 'off') {
    const noKey = 'given without a shared key, which the protocol asks for first'
    const path = hasUsers ? 'tcpAuth.users' : 'tcpAuth.usersFile'
    if (hasUsers || usersFile !== 'off') wrong(path, noKey, 'with tcpAuth.sharedKey or tcpAuth.sharedKeyFile')
  }
  return mistakes
}
