import { formatAddress, ownUrl } from '../config/address.ts'
import type { Config } from '../config/settings.ts'
import { usualColumns, wrap } from './wrap.ts'

interface Goal { readonly route: string, readonly sink: string, readonly destination: string }

const kinds: Readonly<Record<string, string>> = { file: 'files below', s3: 'objects below', cloudwatch: 'the log group' }

export interface Running {
  readonly sources: readonly { readonly name: string, readonly isOpen: boolean }[]
  readonly httpAddress: { readonly host: string, readonly port: number } | undefined
}

/** What each class is, where a route has the name of one. */
const lines: Readonly<Record<string, string>> = {
  access: 'Access lines', error: 'Errors', app: 'Other lines', invalid: 'Broken lines',
}

/**
 * What a person at a terminal wants to know of a start, in sentences: where lines come from, where each kind goes.
 *
 * @param running its sources by their names, and where it answers: a socket may not be open
 */
export function startWords (
  { unixSocket, tcp, http, httpPage }: Pick<Config, 'unixSocket' | 'tcp' | 'http' | 'httpPage'>,
  routes: readonly Goal[],
  { sources, httpAddress }: Running,
  columns = usualColumns
): string {
  const addresses: Readonly<Record<string, string>> = { unix: unixSocket, tcp: tcp === 'off' ? tcp : formatAddress(tcp) }
  const that = (isWanted: boolean) => sources.filter(({ isOpen }) => isOpen === isWanted)
    .flatMap(({ name }) => addresses[name] ?? [])
  const [open, shut] = [that(true), that(false)]
  const from = [
    sources.some(({ name }) => name === 'stdin') ? 'Lines are read from standard input.' : '',
    open.length === 0 ? '' : `Lines are taken on ${open.join(' and on ')}.`,
    ...shut.map(each => `${each} could not be opened and is tried again: the error above says why.`),
  ].filter(each => each !== '')
  const byGoal = Map.groupBy(routes, ({ sink, destination }) => `${kinds[sink] ?? sink} ${destination}`)
  const goals = [...byGoal].map(([goal, those]) => `${listed(those.map(({ route }) => lines[route] ?? `those of route ${route}`))} go to ${goal}.`)
  // Who answers at an address that somebody else has is somebody else.
  const look = http === 'off' || httpAddress === undefined
    ? []
    : [httpPage === 'off' ? `What waits and why: ${ownUrl(httpAddress)}health` : `Open ${ownUrl(httpAddress)} to see what goes where, what waits, and why.`]
  return [...from, ...goals, ...look, 'Ctrl-C delivers what is there and ends.']
    .map(sentence => `${wrap(sentence, columns).join('\n')}\n`).join('')
}

/** `Access lines, errors and other lines` */
function listed (names: readonly string[]): string {
  const words = names.map((name, index) => {
    const first = name.charAt(0)
    return (index === 0 ? first.toUpperCase() : first.toLowerCase()) + name.slice(1)
  })
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
