/** What an operator can do about the refusals of a disk; the code in front, as metrics and logs have it. */
const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk of dataDir is full: free space, or set dataDir to another disk',
  EDQUOT: 'the disk quota of dataDir is used up: free space, or set dataDir to another disk',
  EROFS: 'dataDir is on a read-only file system: set it to one that takes writes',
  EACCES: 'permission denied: let this user write below dataDir',
  EPERM: 'permission denied: let this user write below dataDir',
  ENOTDIR: 'something that is no directory is in the way of dataDir: remove it, or set another path',
  EEXIST: 'something that is no directory is in the way of dataDir: remove it, or set another path',
  EMFILE: 'too many open files: raise the limit (ulimit nofile) of the container',
  EIO: 'the device of dataDir fails: see the system log, or set dataDir to another disk',
}

/** The problem that `code` stands for, in words. */
export function problemWords (code: string): string {
  return `${code}: ${advice[code] ?? 'a file operation below dataDir failed: the log says which'}`
}
