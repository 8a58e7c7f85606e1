import { diskErrorTable, hangCode } from '../../src/contracts/disk-errors.ts'
import { errorTable } from '../../src/contracts/errors.ts'

const meanings: Readonly<Record<typeof errorTable[keyof typeof errorTable]['disposition'], string>> = {
  retry: 'the same work may succeed later and is tried again',
  reject: 'the same work never succeeds; it is set aside and counted',
  close: 'the connection that brought it is closed, nothing else',
  fatal: 'the process does not start; only configuration may do this',
}

/** The text of docs/errors.md. */
export function errorsPage (): string {
  return [
    '# Errors',
    '',
    '<!-- Generated from src/contracts/errors.ts and disk-errors.ts by `npm run generate`; do not edit. -->',
    '',
    'Every failure that Sluice names itself, by the code that logs and answers carry. What it means for the work in hand:',
    '',
    ...Object.entries(meanings).map(([disposition, meaning]) => `- **${disposition}**: ${meaning}`),
    '',
    '| Code | What follows | Meaning |',
    '|---|---|---|',
    ...Object.entries(errorTable).map(([code, { disposition, help }]) => `| \`${code}\` | ${disposition} | ${help} |`),
    '',
    '## What a disk refuses',
    '',
    'The system\'s codes, as the health page, `sluice_spool_write_errors_total` and the reason of a paused file destination have',
    'them. `{place}` is `dataDir` for the spool and `file.directory` for a destination of files. Every operation is tried',
    'again, but reading a segment for ten seconds only: then it is [set aside](spool-format.md#when-the-disk-refuses).',
    '',
    '| Code | What it means, and what to do |',
    '|---|---|',
    ...[...diskErrorTable].map(([code, advice]) => `| ${code} | ${advice.replaceAll('{place}', '`{place}`')} |`),
    '',
    `\`${hangCode}\` is no code of the system: a file operation has not ended for 5 s, and others may wait behind it.`,
    'While a read of a segment hangs, that segment is not read again; what lies in others is delivered.',
    'Look at the disk, or at the server of the network file system.',
    '',
  ].join('\n')
}
