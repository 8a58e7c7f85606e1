import { ascii } from '../bytes/ascii.ts'
import type { LineRewriter } from '../bytes/line-rewriter.ts'

const redacted = Buffer.from('[redacted]')
const slash = Buffer.of(ascii.backslash)
const quote = Buffer.of(ascii.quote)

/**
 * Writes `[redacted]` in the place of `[from, to)`, or of what of it begins at `keptFrom`.
 *
 * @param backslashes of the quotes that it gets in the place of a value of JSON without any; -1: it gets none
 */
export function writeRedacted (
  rewriter: LineRewriter, from: number, to: number, keptFrom: number, backslashes = -1
): void {
  const scratch = rewriter.replace(Math.max(from, keptFrom), to, 0)
  if (from >= keptFrom) appendQuote(rewriter, backslashes)
  scratch.append(redacted)
  appendQuote(rewriter, backslashes)
}

function appendQuote ({ scratch }: LineRewriter, backslashes: number): void {
  if (backslashes < 0) return
  for (let count = 0; count < backslashes; count++) scratch.append(slash)
  scratch.append(quote)
}

// Tested in test/redact/secrets.test.ts
