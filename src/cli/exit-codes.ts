/**
 * What the commands exit with. The numbers above 63 are those of sysexits.h, so that a supervisor that knows it
 * understands them, but `killed`.
 *
 * Source: https://man.openbsd.org/sysexits
 */
export const exitCodes = {
  /** The command did what it was asked for. Of `run`: every line is delivered, filtered, or kept as a dead letter. */
  ok: 0,
  /** The answer is no (`healthcheck`), or a bug that shows its stack. */
  failed: 1,
  /** EX_USAGE: the command line cannot be understood. */
  usage: 64,
  /** EX_DATAERR: the input is damaged. */
  data: 65,
  /** EX_NOINPUT: the input cannot be opened. */
  noInput: 66,
  /** EX_IOERR: the input or the output failed on the way. */
  inputOutput: 74,
  /** EX_IOERR, of `run`: lines are lost, or reading them failed. Wins over `left`. */
  dropped: 74,
  /** EX_TEMPFAIL, of `run`: lines are left in the spool, for the next start on it, or unread in the file. */
  left: 75,
  /** EX_CONFIG: the configuration cannot be understood. */
  config: 78,
  /** 128 and the number of SIGKILL, as shells have it: a file operation hangs, and nothing else ends the process. */
  killed: 137,
} as const

// Tested in test/cli/exit-report.test.ts
