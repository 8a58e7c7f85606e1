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

/** Why it shows no lines there, and what to set. */
export function noLinesWords ({ page, host }: ShownSettings): string {
  if (page === 'status') return 'Lines are not shown: httpPage is status.'
  return `${page === 'samples' ? 'httpPage: samples has no effect. ' : ''}Lines are not shown: http listens on ${host}, where other ` +
    'machines can ask, and there is no httpToken. Set httpToken (SLUICE_HTTP_TOKEN), or http to an address of loopback.'
}
