/** Why a socket cannot be opened. */
export interface Trouble {
  /** The system's code, or a word of ours. */
  readonly reason: string
  /** What to do. */
  readonly help: string
  readonly error?: unknown
}

const helpFor: ReadonlyMap<string, string> = new Map([
  ['not_a_socket', 'something that is no socket has this path: remove it, or set another path'],
  ['in_use', 'another process listens on this path: stop it, or set another path'],
  ['credentials', 'a file of tcpTls or tcpAuth cannot be used: the error in the log says which and why; mend the file, or the setting'],
  ['EADDRINUSE', 'another process listens at this address: stop it, or set another'],
  ['EADDRNOTAVAIL', 'this machine has no such address: set tcp to one that it has, or to 0.0.0.0 for all'],
  ['EACCES', 'this user may not listen there: allow it, or set another'],
  ['EPERM', 'this user may not listen there: allow it, or set another'],
  ['EROFS', 'the file system is read-only: set unixSocket to a path on one that takes writes'],
  ['ENOENT', 'nothing can be made there: set unixSocket to another path'],
  ['ENOTDIR', 'something that is no directory is in the way: remove it, or set unixSocket to another path'],
  ['EEXIST', 'something that is no directory is in the way: remove it, or set unixSocket to another path'],
])

export function troubleOf (reason: string, error?: unknown): Trouble {
  const help = helpFor.get(reason) ?? 'the error in the log says why: free the address, or set another'
  return error === undefined ? { reason, help } : { reason, help, error }
}

// Tested in test/sources/forward/server.test.ts
