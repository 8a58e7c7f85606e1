export const usage = `Sluice takes the log lines of a container, keeps errors apart from access lines, and delivers both.

Usage: sluice [run] [options]     take lines and deliver them until SIGTERM
       sluice check [options]     print the effective settings, or every mistake in them
       sluice explain [FILE]      say of each record of a file what becomes of it, and why
       sluice migrate FILE        print a configuration of Fluent Bit as YAML of Sluice
       sluice healthcheck         exit 0 if a running Sluice on this machine is alive
       sluice demo                replay genuine Apache/PHP output and show what went where

Options:
  --config FILE      settings as YAML (or SLUICE_CONFIG); the environment wins over the file
  --stdin            read lines from standard input instead of sockets, then drain and exit
  --source STREAM    with --stdin and explain: the lines are of 'stdout' (default) or 'stderr'
  --json             with explain: one JSON object a record
  --version          print the version
  --help             print this

Examples:
  sluice                                          listen on /var/run/fluent.sock and 127.0.0.1:24224
  cat access.log | sluice --stdin                 sort a file's lines into {dataDir}/…/delivered
  sluice check --config sluice.yaml               before you deploy it
  sluice explain --source stderr error.log        why lines went where they went; FILE may be a capture of Forward

Every setting is in docs/configuration.md; each also has an environment variable (spool.sync: SLUICE_SPOOL_SYNC).
`
