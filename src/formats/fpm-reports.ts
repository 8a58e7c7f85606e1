import type { ErrorText } from './line-text.ts'
import { reportedMessages, reportStart } from './php-fpm.ts'

/** Messages of PHP that one record brings, and on which of the two ways of php-fpm they came. */
export interface FpmReport {
  /** `fpm`: php-fpm's own standard error. `apache`: mod_proxy_fcgi's line AH01071. */
  readonly by: 'fpm' | 'apache'
  readonly messages: readonly string[]
}

const code = 'AH01071: '
const marker = Buffer.from(code + reportStart)
const headBytes = 600

/**
 * Reads the messages of PHP that php-fpm reports twice; undefined for any record that is no such report.
 *
 * Source: https://github.com/apache/httpd/blob/2.4.x/modules/proxy/mod_proxy_fcgi.c (AH01071)
 */
export function reportOf (errorText: ErrorText): FpmReport | undefined {
  const { buffer, start: from, end: to, writer, isPhpMessage, isEmpty } = errorText
  if (writer === 'fpm') {
    return isPhpMessage && !isEmpty ? { by: 'fpm', messages: [buffer.toString('utf8', from, to)] } : undefined
  }
  if (writer !== 'apache') return undefined
  const at = buffer.subarray(from, Math.min(to, from + headBytes)).indexOf(marker)
  if (at < 0) return undefined
  const text = buffer.toString('utf8', from + at + code.length, to)
  const refererAt = text.lastIndexOf("', referer: ")
  const messages = reportedMessages(refererAt < 0 ? text : text.slice(0, refererAt + 1))
    .filter(message => message.trim() !== '')
  return messages.length === 0 ? undefined : { by: 'apache', messages }
}

// Tested in test/formats/error-reading.test.ts
