import { createHash } from 'node:crypto'

export interface Hello {
  readonly nonce: Uint8Array
  readonly auth: Uint8Array | string
  readonly keepalive: boolean
}

/** What a sender says that it knows. */
export interface Claim {
  readonly key: string
  readonly salt?: string | Uint8Array
  readonly user?: string
  readonly password?: string
}

export const sha512 = (...parts: readonly (string | Uint8Array)[]) =>
  createHash('sha512').update(Buffer.concat(parts.map(part => Buffer.from(part as string)))).digest('hex')

/**
 * A PING as a sender makes it that knows what it claims.
 *
 * Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#ping
 */
export function pingOf ({ nonce, auth }: Hello, { key, salt = 'salt', user = '', password = '' }: Claim): unknown[] {
  return ['PING', 'web-1', salt, sha512(salt, 'web-1', nonce, key), user, user === '' ? '' : sha512(auth, user, password)]
}
