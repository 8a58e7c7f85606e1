import { isRouteClass, routeClasses } from '../contracts/verdict.ts'
import { isUnset, namedRoutes, type Entry } from './destinations-in.ts'
import type { Config } from './settings.ts'
import { meantWords, suggest } from './suggest.ts'

type Places = ReadonlyMap<string, string>

/** What is valid of routes, and in all probability not what somebody wanted: one line each. */
export function routeDoubts (config: Config, places: Places): string[] {
  return [...sharedStreams(config, places), ...unusedRoutes(config, places)]
}

/** What two processes append to one file goes over each other. */
function sharedStreams (config: Config, places: Places): string[] {
  const { file: { directory }, logGroup, events, containers } = config
  const place = places.get('file.directory')
  if (directory === '' || place === undefined || logGroup !== '') return []
  const streams: [string, string | undefined][] = [
    ['events.stream', events.stream],
    ...[['containers', containers], ['routes', namedRoutes(config)]].flatMap(([group, entries]) =>
      Object.entries(entries as Readonly<Record<string, Entry>>)
        .filter(([, own]) => isUnset(own.logGroup))
        .map(([name, { stream }]): [string, string | undefined] => [`${String(group)}.${name}.stream`, stream])),
  ]
  return streams.filter(([, stream]) => stream?.includes('{task}') === false).map(([path]) =>
    `${places.get(path) ?? place}: ${path}: has no {task}, so processes that share file.directory write over each other's lines: ` +
    'add {task}, or give each a directory of its own')
}

/** The name of a class with a slip in it makes a route of one's own: the class keeps its defaults. */
function unusedRoutes ({ routes, rules, containers }: Config, places: Places): string[] {
  interface Copying { readonly copyTo?: readonly string[] }
  const all: readonly Copying[] = [...rules, ...Object.values(routes), ...Object.values(containers)]
  const used = new Set([...rules.map(({ route }) => route), ...all.flatMap(({ copyTo = [] }) => copyTo)])
  return Object.keys(routes).filter(name => !isRouteClass(name) && !used.has(name)).map(name => {
    const path = `routes.${name}`
    const [, place = path] = [...places].find(([setting]) => setting.startsWith(`${path}.`)) ?? []
    const meant = suggest(name, routeClasses)
    return `${place}: ${path}: nothing goes there: no rule (\`route\`, \`copyTo\`) and no \`copyTo\` of a class or ` +
      `a container names it${meantWords(meant && `routes.${meant}`)}`
  })
}

// Tested in test/config/doubts.test.ts
