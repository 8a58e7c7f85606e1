import { errorCode } from '../contracts/disk-errors.ts'

/** Why what somebody named cannot be read: as people say it, where it is the usual reason. */
export function unreadableWords (error: unknown, kind: 'file' | 'directory' = 'file'): string {
  return errorCode(error) === 'ENOENT' ? `no such ${kind}` : (error as Error).message
}

// Tested in test/cli/migrate.test.ts
