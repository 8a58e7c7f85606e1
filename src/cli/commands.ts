import { errorLevels } from '../contracts/levels.ts'
import { routeClasses } from '../contracts/verdict.ts'
import { command, type Command } from './command.ts'
import { exitCodes } from './exit-codes.ts'

const config = {
  type: 'string',
  value: 'FILE',
  help: 'settings as YAML (or SLUICE_CONFIG); the environment wins',
} as const

const source = {
  type: 'string',
  value: 'STREAM',
  choices: ['stdout', 'stderr'],
  default: 'stdout',
  help: "the lines are of 'stdout' (default) or 'stderr'",
} as const

const time = {
  type: 'string',
  value: 'WHEN',
  choices: ['now', 'line'],
  default: 'now',
  help: "times are 'now' (default), or of each 'line'",
} as const

/** Without a command's name, this one runs. */
export const defaultCommand = 'run'

/**
 * Every command: its words, its options, its code. Each is imported when it is asked for: a health check runs every few
 * seconds and must not load the rest.
 */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['run', command({
    isService: true,
    summary: 'takes lines and delivers them until SIGTERM',
    options: {
      config,
      stdin: { type: 'boolean', help: 'read standard input instead of sockets, then drain and exit' },
      source: { ...source, help: `with --stdin: ${source.help}` },
      time: { ...time, help: `with --stdin: ${time.help}` },
    },
    examples: [
      ['sluice', 'listen on /var/run/fluent.sock and 127.0.0.1:24224'],
      ['sluice --stdin < access.log', 'sort the lines of a file into {dataDir}/…/delivered'],
      ['sluice --stdin --time line < old.log', 'fill in an old file, by the times in it'],
    ],
    exits: [
      [exitCodes.noInput, 'standard input is a directory'],
      [exitCodes.dropped, 'lines are lost, or reading them failed'],
      [exitCodes.left, 'lines are left in the spool for the next start, or unread in a file'],
      [exitCodes.config, 'the configuration cannot be understood'],
      [exitCodes.killed, 'a file operation hangs, and only SIGKILL ended the process'],
    ],
    run: async (io, values) => await (await import('./run.ts')).run(io, values),
  })],
  ['check', command({
    summary: 'prints the settings and what goes where, or every mistake',
    options: {
      config,
      probe: { type: 'boolean', help: 'store an object and an event, as the service would' },
    },
    examples: [
      ['sluice check --config sluice.yaml', 'before you deploy it'],
      ['sluice check --probe', 'in the task: does AWS let it?'],
    ],
    exits: [
      [exitCodes.failed, 'one of `tests` fails, or with --probe AWS refuses something'],
      [exitCodes.inputOutput, 'writing failed'],
      [exitCodes.config, 'there are mistakes'],
    ],
    run: async (io, values) => await (await import('./check.ts')).runCheck(io, values),
  })],
  ['explain', command({
    summary: 'says what becomes of each record of a file, and why',
    file: 'optional',
    options: {
      config,
      source,
      time,
      json: { type: 'boolean', help: 'one JSON object a record' },
      summary: { type: 'boolean', help: 'no single records: what all of them tell, ranked' },
    },
    examples: [
      ['sluice explain access.log', 'lines as from standard output'],
      ['sluice explain --source stderr error.log', 'lines as from standard error'],
      ['sluice explain --time line old.log', 'as --stdin --time line would take it'],
      ['sluice explain capture.bin', 'captured bytes of the Forward protocol'],
      ['docker logs web 2>/dev/null | sluice explain', 'standard input'],
    ],
    exits: [
      [exitCodes.data, 'a capture is damaged'],
      [exitCodes.noInput, 'there is no such file'],
      [exitCodes.inputOutput, 'reading or writing failed'],
      [exitCodes.config, 'the configuration cannot be understood'],
    ],
    run: async (io, values) => await (await import('./explain.ts')).runExplain(io, values),
  })],
  ['tail', command({
    summary: 'prints lines as a running Sluice takes them, and where they go',
    options: {
      config,
      url: { type: 'string', value: 'URL', help: 'where it listens (default: http of the settings)' },
      class: { type: 'string', value: 'CLASS', choices: routeClasses, help: 'only this class: access, error, app or invalid' },
      level: { type: 'string', value: 'LEVEL', choices: errorLevels, help: 'only errors of this level (emerg to debug) and worse' },
      grep: { type: 'string', value: 'TEXT', help: 'only lines with this text' },
      json: { type: 'boolean', help: 'one JSON object a record' },
    },
    examples: [
      ['sluice tail', 'every line, until Ctrl-C'],
      ['sluice tail --class error --level warn', 'what somebody should look at'],
      ['sluice tail --grep /checkout --json', 'for a program'],
    ],
    exits: [
      [exitCodes.failed, 'it cannot be asked, shows no lines, or has ended'],
      [exitCodes.inputOutput, 'writing failed'],
      [exitCodes.config, 'the configuration cannot be understood'],
    ],
    run: async (io, values) => {
      const [{ runTail }, { stopSignals }] = await Promise.all([import('./tail.ts'), import('./stop-signals.ts')])
      return await runTail(io, values, stopSignals().first)
    },
  })],
  ['replay', command({
    summary: 'sends dead letters, or the spool of another, again',
    file: 'required',
    fileWord: 'DIR|s3://BUCKET/PREFIX',
    options: {
      config,
      'dry-run': { type: 'boolean', help: 'say what would be sent, and send nothing' },
    },
    examples: [
      ['sluice replay --dry-run /var/lib/sluice/web-1', 'what lies in the directory of a Sluice that is gone'],
      ['sluice replay s3://shop-logs/production/dead-letter/', 'what CloudWatch Logs refused, once that is mended'],
    ],
    exits: [
      [exitCodes.data, 'some lines hold no record; the others are sent'],
      [exitCodes.noInput, 'there is nothing to read there'],
      [exitCodes.inputOutput, 'reading, writing or remembering failed, or lines are lost'],
      [exitCodes.left, 'not everything is sent: the same command goes on'],
      [exitCodes.config, 'the configuration cannot be understood'],
      [exitCodes.killed, 'a file operation hangs, and only SIGKILL ended the process'],
    ],
    run: async (io, values) => await (await import('./replay.ts')).runReplay(io, values),
  })],
  ['migrate', command({
    summary: 'prints a configuration of Fluent Bit as YAML of Sluice',
    file: 'required',
    options: {
      check: { type: 'boolean', help: 'exit 1 if something is not carried over' },
    },
    examples: [
      ['sluice migrate /fluent-bit/etc/fluent-bit.conf > sluice.yaml', 'what is not carried over is said'],
      ['sluice migrate task-definition.json', 'the options of its containers, and the file that it names'],
      ['cat fluent-bit.yaml | sluice migrate -', 'standard input'],
    ],
    exits: [
      [exitCodes.failed, 'with --check: something is not carried over'],
      [exitCodes.noInput, 'the file cannot be read'],
      [exitCodes.inputOutput, 'writing failed'],
    ],
    run: async (io, values) => await (await import('./migrate.ts')).runMigrate(io, values),
  })],
  ['healthcheck', command({
    isService: true,
    summary: 'exits 0 if a running Sluice on this machine is alive',
    options: {
      config,
      url: { type: 'string', value: 'URL', help: 'what to ask instead of the configured address' },
    },
    examples: [
      ['sluice healthcheck', 'as the health check of a container'],
      ['sluice healthcheck --url http://127.0.0.1:2020/health/ready', 'whether its sockets are open'],
    ],
    exits: [[exitCodes.failed, 'it is not alive']],
    run: async (io, values) => await (await import('./healthcheck.ts')).runHealthcheck(io, values),
  })],
])

// Tested in test/cli/command-line.test.ts
