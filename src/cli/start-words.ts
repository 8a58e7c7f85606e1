import type { Config } from '../config/settings.ts'

interface Goal { readonly route: string, readonly sink: string, readonly destination: string }

const kinds: Readonly<Record<string, string>> = { file: 'files below', s3: 'objects below', cloudwatch: 'the log group' }

/** What a person at a terminal wants to know of a start, in sentences: where lines come from, where each kind goes. */
export function startWords (
  { unixSocket, tcp, http }: Pick<Config, 'unixSocket' | 'tcp' | 'http'>, routes: readonly Goal[], isStdin: boolean
): string {
  const sockets = [unixSocket, tcp === 'off' ? tcp : `${tcp.host}:${tcp.port}`].filter(each => each !== 'off')
  const from = isStdin ? 'Lines of standard input' : `Lines that come on ${sockets.join(' and ')}`
  const byGoal = Map.groupBy(routes, ({ sink, destination }) => `${kinds[sink] ?? sink} ${destination}`)
  const goals = [...byGoal].map(([goal, those]) => `  ${those.map(({ route }) => route).join(', ')}: ${goal}\n`)
  const page = http === 'off' ? '' : `What waits and why: http://${http.host === '0.0.0.0' ? '127.0.0.1' : http.host}:${http.port}/health\n`
  return `${from} go by their class to\n${goals.join('')}${page}Ctrl-C delivers what is there and ends.\n`
}
