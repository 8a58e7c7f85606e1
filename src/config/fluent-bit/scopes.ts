import type { Match } from '../rules/read-rules.ts'
import { isAmong, lineClasses, type LineClass, type Lines } from './lines.ts'
import { anyContainer } from './tags.ts'

/** What a rule asks of a line, besides its class and its container. */
export interface Asked { readonly when?: Match, readonly unless?: Match }

/** Classes and containers as rules ask for them: as few rules as there are sets of classes. */
export function scopesOf (lines: readonly Lines[], containers: readonly string[]): Asked[] {
  const byContainer = Map.groupBy(lines, ({ container }) => container)
  const classesOf = (container: string) => lineClasses.filter(each => isAmong(lines, { container, class: each }))
  return [...Map.groupBy(byContainer.keys(), name => classesOf(name).join(' '))].map(([words, names]) => {
    const classes = words.split(' ').flatMap(each => each === 'access' ? ['access', 'invalid'] : [each])
    const ofClass = words === lineClasses.join(' ') ? {} : { class: classes }
    const others = containers.filter(name => !names.includes(name))
    if (others.length === 0) return { when: ofClass }
    return names.includes(anyContainer)
      ? { when: ofClass, unless: { container: others } }
      : { when: { ...ofClass, container: names } }
  })
}

/** As `scopesOf`; lines of standard output that have a level of errors are of class `error`, and are meant too. */
export function stdoutScopes (lines: readonly Lines[], containers: readonly string[]): Asked[] {
  const isOfStdout = lines.some(each => each.class === 'app') && !lines.some(each => each.class === 'error')
  if (!isOfStdout) return scopesOf(lines, containers)
  const has = (container: string, name: LineClass) => isAmong(lines, { container, class: name })
  const parted = Map.groupBy(lines, ({ container }) => has(container, 'access') ? 'both' : 'app')
  return [...parted].flatMap(([words, each]) => {
    const ofStdout = { source: ['stdout'], ...(words === 'both' ? {} : { class: ['app', 'error'] }) }
    return scopesOf(each, containers).map(({ when: { class: _, ...when } = {}, unless }) =>
      ({ when: { ...ofStdout, ...when }, ...(unless === undefined ? {} : { unless }) }))
  })
}

/** What holds if both hold. undefined: no rule can ask that. */
export function both (one: Asked, other: Asked): Asked | undefined {
  const [a, b] = [one.when ?? {}, other.when ?? {}]
  const isTwice = Object.keys(a).some(name => name in b)
  if (isTwice || (one.unless !== undefined && other.unless !== undefined)) return undefined
  const unless = one.unless ?? other.unless
  return { when: { ...a, ...b }, ...(unless === undefined ? {} : { unless }) }
}

// Tested in test/config/fluent-bit/line-rules.test.ts
