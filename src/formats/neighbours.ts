import { errorLevels } from '../contracts/levels.ts'
import { known, type MessageFields } from './fields.ts'
import { levelOfName } from './level.ts'

/** Of nginx, which stands before php-fpm in many an image. Source: src/core/ngx_log.c (ngx_log_error_core) */
const nginx = new RegExp(`^\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[(${errorLevels.join('|')})\\] (\\d{1,10})#\\d{1,10}: (?:\\*\\d{1,20} )?`)
const nginxClient = /, client: ([\da-f.:]{2,45}), server: /
/** Of OpenTelemetry's SDK, which hands its messages to `error_log()`, with the trace of an exception. */
const openTelemetry = /^(OpenTelemetry): \[([a-z]{4,9})\] (?=\S)/

/** Reads what nginx and OpenTelemetry's SDK write. */
export function readNeighbour (text: string): MessageFields | undefined {
  const proxied = nginx.exec(text)
  if (proxied !== null) return readNginx(proxied, text)
  const exported = openTelemetry.exec(text)
  return exported === null ? undefined : readOpenTelemetry(exported, text)
}

function readNginx ([prefix, name = '', pid = '']: RegExpExecArray, text: string): MessageFields | undefined {
  const client = nginxClient.exec(text)?.[1]
  return { origin: 'app', ...known({ level: levelOfName(name), client }), pid, message: text.slice(prefix.length) }
}

function readOpenTelemetry ([prefix, channel = '', name = '']: RegExpExecArray, text: string): MessageFields | undefined {
  const at = text.indexOf('\n#0 ')
  return {
    origin: 'app',
    ...known({ level: levelOfName(name) }),
    channel,
    message: text.slice(prefix.length, at < 0 ? undefined : at),
    ...(at < 0 ? {} : { trace: text.slice(at + 1) }),
  }
}

// Tested in test/formats/other-writers.test.ts
