import { isLoopback } from '../../config/address.ts'

export interface ShownSettings {
  readonly page: 'auto' | 'off' | 'status' | 'samples'
  readonly token: string
  readonly host: string
}

/** What the page may show. Lines only where no other machine can ask, or who asks must know the token. */
export function shownOn ({ page, token, host }: ShownSettings): 'off' | 'status' | 'samples' {
  if (page === 'off' || page === 'status') return page
  return token !== 'off' || isLoopback({ host }) ? 'samples' : 'status'
}

// Tested in test/http/page/session.test.ts
