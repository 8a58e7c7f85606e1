import type { Writable } from 'node:stream'

/** What a command touches of the process, so that a test can give it something else. */
export interface Io {
  /** Arguments after the command's name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Text of a file. Throws what the system says when it cannot be read. */
  readonly readFile: (path: string) => string
}
