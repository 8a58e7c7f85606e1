import { constants } from 'node:os'

/** The settings that say where Sluice writes files. */
export type DiskPlace = 'dataDir' | 'file.directory'

/**
 * What the system refuses where files are written, by its code, and what an operator can do about it. `{place}` stands
 * for the setting that says where that is. `docs/errors.md` has the same rows.
 */
export const diskErrorTable: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk of {place} is full, whoever filled it: free space, or files where `df -i` says that all inodes are used, or set {place} to another disk'],
  ['EDQUOT', 'the system allows this user no more space on the disk of {place}: free some, or have the limit raised'],
  ['EFBIG', 'this process may write no larger files below {place}: raise the limit (ulimit fsize) of the container'],
  ['EROFS', '{place} is on a read-only file system: set it to one that takes writes'],
  ['EACCES', 'permission denied: let this user write below {place}, or set {place} to a directory of its own'],
  ['EPERM', 'permission denied: let this user write below {place}, or set {place} to a directory of its own'],
  ['ENOTDIR', 'something that is no directory is in the way of {place}: remove it, or set another path'],
  ['EEXIST', 'something that is no directory is in the way of {place}: remove it, or set another path'],
  ['ENOENT', 'nothing can be made at {place}, or what was there is gone: set it to a place that takes directories, and to no link that leads nowhere'],
  ['EMFILE', 'this process has too many open files: raise the limit (ulimit nofile) of the container, or lower spool.maxOpenSegments'],
  ['ENFILE', 'the machine has too many open files: raise its limit (fs.file-max)'],
  ['EIO', 'the device of {place} fails: see the system log, or set {place} to another disk'],
  ['ESTALE', 'the server of the network file system below {place} knows what was open no more: it was replaced, or exports something else; if it lasts, mount it anew (on ECS a new task)'],
  ['ETIMEDOUT', 'the server of the network file system below {place} does not answer: check its mount target, its security group (EFS: port 2049) and the network'],
  ['ENOTCONN', 'what serves the network file system below {place} is gone: mount it anew (on ECS a new task)'],
  ['ENOMEM', 'the system has no memory for a file operation below {place}: raise the memory of the container or the machine'],
])

/** In place of a code of the system, where it answers nothing at all. */
export const hangCode = 'HANGS'
const hangAdvice = 'a file operation below {place} does not end: look at the disk, or at the server of the network file system'

/** The refusal `code` at `place` in words, the code in front; undefined when the table does not know it. */
export function diskProblem (code: string, place: DiskPlace): string | undefined {
  const advice = code === hangCode ? hangAdvice : diskErrorTable.get(code)
  return advice === undefined ? undefined : `${code}: ${advice.replaceAll('{place}', place)}`
}

/** True when there is no room: what is removed makes some. */
export function isNoSpace (code: string): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** True when a file takes no more, for one reason or another: what it holds may be sealed, and others go on. */
export function endsFile (code: string): boolean {
  return isNoSpace(code) || code === 'EFBIG'
}

/** True when it is no fault of the file: another, or the same a moment later, fails or succeeds alike. */
export function isOfProcess (code: string): boolean {
  return processCodes.has(code)
}

const processCodes: ReadonlySet<string> = new Set([
  'EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR', 'ETIMEDOUT', 'ESTALE', 'ERR_SPOOL_WRITE',
])

/** The system's word for what went wrong, for metrics and decisions; `UNKNOWN` when the error has none. */
export function errorCode (error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string') return 'UNKNOWN'
  return code.startsWith('Unknown system error') ? codeOfNumber(error as NodeJS.ErrnoException) ?? code : code
}

/** For `catch`: answers with `value` where the system gives one of these codes. Any other failure stays one. */
export function atCodes<Value> (codes: readonly string[], value: Value): (error: unknown) => Value {
  return error => {
    if (!codes.includes(errorCode(error))) throw error
    return value
  }
}

/** The same where there is no such file. */
export function whereAbsent<Value> (value: Value): (error: unknown) => Value {
  return atCodes(['ENOENT'], value)
}

/** Node has no name for some codes, EDQUOT among them. */
function codeOfNumber ({ errno = 0 }: NodeJS.ErrnoException): string | undefined {
  return Object.entries(constants.errno).find(([, number]) => number === Math.abs(errno))?.[0]
}
