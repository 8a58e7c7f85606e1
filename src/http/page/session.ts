import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface Session {
  /** Whether whoever asks may see lines. */
  isKnown (headers: IncomingHttpHeaders): boolean
  /** The value of `Set-Cookie` for somebody who gave `token`; undefined where it is another. */
  cookieFor (token: string): string | undefined
}

const cookieName = 'sluice'
/** How long somebody is known without giving the token again, s. */
const cookieAgeSeconds = 7 * 24 * 3_600

/**
 * Who may see lines: whoever knows `token`. A browser gives it once and then shows a cookie that no script can read
 * and no other site can have sent; a program gives it with every request (`Authorization: Bearer`). It is compared in a
 * time that says nothing of it. `off`: everybody.
 *
 * @param wallMs the cookie has an end, which lies on the wall clock of both sides
 */
export function createSession (token: string, wallMs: () => number): Session {
  if (token === 'off') return { isKnown: () => true, cookieFor: () => undefined }
  const signatureOf = (endMs: string) => createHmac('sha256', token).update(`sluice page until ${endMs}`).digest('hex')
  const isToken = (given: string) => isSame(given, token)

  function isCookie (cookie: string): boolean {
    const [, endMs = '', signature = ''] = /^(\d{1,15})\.([0-9a-f]{64})$/.exec(cookie) ?? []
    return isSame(signature, signatureOf(endMs)) && Number(endMs) > wallMs()
  }

  return {
    isKnown ({ authorization = '', cookie = '' }) {
      const [, bearer] = /^Bearer (\S+)$/i.exec(authorization) ?? []
      if (bearer !== undefined) return isToken(bearer)
      return cookie.split(/;\s*/)
        .some(pair => pair.startsWith(`${cookieName}=`) && isCookie(pair.slice(cookieName.length + 1)))
    },
    cookieFor (given) {
      if (!isToken(given)) return undefined
      const endMs = String(Math.floor(wallMs()) + cookieAgeSeconds * 1_000)
      return `${cookieName}=${endMs}.${signatureOf(endMs)}; Max-Age=${cookieAgeSeconds}; Path=/; HttpOnly; SameSite=Strict`
    },
  }
}

/** In the same time whatever differs, and how long either is. */
function isSame (given: string, expected: string): boolean {
  const [left, right] = [given, expected].map(text => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(left, right)
}
