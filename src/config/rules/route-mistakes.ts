import { isRouteClass } from '../../contracts/verdict.ts'
import type { Mistake } from '../mistake.ts'
import { suggest } from '../suggest.ts'

/**
 * Routes that rules and copies name and that are not there. What would go there would go nowhere, so nothing starts.
 *
 * @param places where each setting and each route of a rule was given, with `values` of the latter by its path
 */
export function routeMistakes (
  values: Readonly<Record<string, unknown>>, named: ReadonlyMap<string, string>, places: ReadonlyMap<string, string>
): Mistake[] {
  const routes = Object.keys(values['routes'] ?? {}).filter(name => !isRouteClass(name))
  // A mapping without settings makes no route.
  const allowed = routes.length === 0 ? 'a route of one\'s own: a name below `routes` with a setting, as `maxBytes: 256MiB`' : routes.join(', ')
  const mistakes: Mistake[] = []
  const check = (path: string, name: string) => {
    if (routes.includes(name)) return
    mistakes.push({ where: places.get(path) ?? path, path, problem: `no route is called ${JSON.stringify(name)}`, allowed, meant: suggest(name, routes) })
  }
  for (const [path, name] of named) check(path, name)
  for (const path of places.keys()) {
    if (!path.endsWith('.copyTo')) continue
    const list = valueAt(values, path.split('.'))
    if (Array.isArray(list)) for (const name of list) check(path, String(name))
  }
  return mistakes
}

function valueAt (values: Readonly<Record<string, unknown>>, [key = '', ...rest]: readonly string[]): unknown {
  const value = Object.hasOwn(values, key) ? values[key] : undefined
  return rest.length === 0 || value === undefined ? value : valueAt(value as Readonly<Record<string, unknown>>, rest)
}

// Tested in test/config/rules/rules.test.ts
