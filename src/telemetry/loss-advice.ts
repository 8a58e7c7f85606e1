/** Terms of the ledger that say that a record did not arrive where it was meant to. */
export const lossTerms = ['dropped', 'rejected'] as const
/** Those, and the loss of a copy of what was rejected. */
export type LossTerm = typeof lossTerms[number] | 'lost'

/** What an operator does about each reason. The page on operations has the same at length. */
const dropAdvice: ReadonlyMap<string, string> = new Map([
  ['quota', 'bring the destination back, or raise routes.{route}.maxBytes: the oldest lines go first; where one container floods it, ' +
    'give that a key or stream of its own (containers), and with it a quota of its own'],
  ['disk_full', 'free space on the disk of dataDir, or give the task more ephemeral storage'],
  ['memory', 'see why the spool could not be written: `spool paused` of this route says it, or the disk of dataDir is slow; or raise spool.writeBufferBytes'],
  ['disk', 'find out who removes files below dataDir: segments of the spool are gone'],
  ['damaged', 'check the file system of dataDir: segments of the spool hold less than was written'],
  ['stop', 'look at the disk of dataDir, which hung: these lines were in no file; or raise stop.deadline and the stopTimeout of the container'],
  ['taken', 'find out why this process, or its disk, stood still: another one has taken its spool and delivers what it holds'],
  ['error', 'report it, please: this is a bug of Sluice'],
])

const usualRefusal = 'the destination refuses these for good; once that is mended, sluice replay sends them again'

/** Of what CloudWatch Logs refuses for its time: to send it again at once changes nothing. */
const refusalAdvice: ReadonlyMap<string, string> = new Map([
  ['too_old', 'CloudWatch Logs takes no event that is over 14 days old, now or later; find out why these are: a wrong clock, or old lines'],
  ['expired', 'they are older than the retention of the group lets events be: raise that, then sluice replay sends them again'],
  ['too_new', 'their times are over 2 hours ahead: correct the clock of who sends them; sluice replay sends them again when their time has come'],
])

/** What to do about records that end so, in words for the log and the health page. */
export function lossAdvice (term: LossTerm, route: string, reason: string): string {
  if (term === 'lost') return 'mend what the destination refuses, or the disk of dataDir if the log says that it refuses; raise deadLetter.maxBytes, and send dead letters again (sluice replay) before it is full'
  if (term === 'rejected' && reason === 'stop') return 'bring the destination back, then send them again: sluice replay s3://{bucket}/{prefix}dead-letter/'
  if (term === 'rejected') return `look into dead-letter/, in the data directory and in the bucket: ${refusalAdvice.get(reason) ?? usualRefusal}`
  // A route of a container's own takes the setting of its class.
  const [routeClass = route] = route.split('.')
  return dropAdvice.get(reason)?.replace('{route}', routeClass) ?? 'see "When records are dropped" in docs/operations.md'
}
