import type { Output } from './destinations.ts'
import type { FilterContext } from './filter-context.ts'
import type { Place } from './gathered.ts'
import { isAmong, isWhole, lineClasses, type Lines } from './lines.ts'

/** Lines that an output took, and where it put them: they need a route to that place. */
export interface RoutePlan {
  readonly output: Output
  readonly lines: readonly Lines[]
  readonly from: Place
  /** A bucket or a group, as the settings have it. */
  readonly place: string
}

/** A name for a route, of its destination: `/shop/all` becomes `shop-all`. */
export function routeName (place: string, taken: ReadonlySet<string>): string {
  const words = place.toLowerCase().replace(/^s3:\/\//, '').replace(/[^a-z\d]+/g, '-').replace(/^-+/, '').slice(0, 28).replace(/-+$/, '')
  const base = words === '' || reserved.has(words) ? `copy-${words}`.replace(/-$/, '') : words
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
  return name
}

const reserved = new Set(['join', 'access', 'error', 'app', 'invalid', 'error-s3', 'others'])

/** Sends copies of the lines to the route: by class, by container, or by rules where it is some classes of some. */
export function copyTo (context: FilterContext, { lines, from }: RoutePlan, route: string): void {
  const { gathered, containers, rules } = context
  const classes = lineClasses.filter(each => containers.every(container => isAmong(lines, { container, class: each })))
  for (const each of classes) {
    for (const name of each === 'access' ? ['access', 'invalid'] : [each]) gathered.addWord(`routes.${name}.copyTo`, route, from)
  }
  const rest = lines.filter(each => !classes.includes(each.class))
  const whole = containers.filter(container => isWhole(rest, container))
  const isNamed = whole.every(container => containers.indexOf(container) > 0)
  for (const container of isNamed ? whole : []) gathered.addWord(`containers.${container}.copyTo`, route, from)
  rules.copy(rest.filter(({ container }) => !isNamed || !whole.includes(container)), route, from.where)
}

// Tested in test/config/fluent-bit/copies.test.ts
