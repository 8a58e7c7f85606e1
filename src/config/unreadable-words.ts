import { errorCode } from '../contracts/disk-errors.ts'

const nowhere = { file: 'no such file', directory: 'no such directory' } as const

/** Why what somebody named cannot be read: as people say it, where it is a usual reason. */
export function unreadableWords (error: unknown, kind: keyof typeof nowhere = 'file'): string {
  switch (errorCode(error)) {
    case 'ENOENT': return nowhere[kind]
    case 'ENOTDIR': return kind === 'file' ? nowhere.file : 'it is no directory'
    case 'EISDIR': return 'it is a directory'
    case 'EACCES': return 'permission denied'
    default: return (error as Error).message
  }
}

// Tested in test/cli/migrate.test.ts
