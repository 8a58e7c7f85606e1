import type { Readable, Writable } from 'node:stream'
import type { Screen } from './wrap.ts'

/** What a command touches of the process, so that a test can give it something else. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Opened by whoever reads it first: a command that does not ask for it leaves the terminal alone. */
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & Screen
  readonly stderr: Writable & Screen
  /** Text of a file. Throws what the system says when it cannot be read. */
  readonly readFile: (path: string) => string
}
