import type { Flow } from './flows.ts'
import { isAmong, lineClasses, type LineClass } from './lines.ts'
import type { Options, Section } from './sections.ts'

/** An output of Fluent Bit, with the lines that reach it. */
export interface Output {
  readonly section: Section
  readonly plugin: string
  /** What Sluice has of the kind; `none` takes lines and keeps nothing. */
  readonly kind: 'cloudwatch' | 's3' | 'none' | 'other'
  readonly options: Options
  readonly flows: readonly Flow[]
}

/** Where lines of a class of a container go: an output, and the flow by which they reach it. */
export interface Choice { readonly output: Output, readonly flow: Flow }

export type Choices = ReadonlyMap<LineClass, Choice>

/** What each class is for: errors become events, lines of standard output objects. */
export const wanted: Readonly<Record<LineClass, Output['kind']>> = { error: 'cloudwatch', access: 's3', app: 's3' }

/**
 * Chooses one output for each class of a container's lines, since Sluice sends a line to one place. Where Fluent Bit
 * copied lines to several, it is the one of the kind that is for the class, and among those the most specific.
 */
export function chooseFor (container: string, outputs: readonly Output[]): Choices {
  return new Map(lineClasses.flatMap(each => {
    const candidates = outputs.flatMap(output => output.kind === 'cloudwatch' || output.kind === 's3'
      ? output.flows.filter(flow => flow.container === container && flow.class === each).map(flow => ({ output, flow }))
      : [])
    const ranked = candidates.map(choice => ({ choice, rank: rankOf(each, choice) }))
      .filter(({ rank }) => rank !== undefined)
    const [best] = ranked.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
    return best === undefined ? [] : [[each, best.choice] as const]
  }))
}

/** Lower is better. undefined: it takes lines of a kind that the class as a whole is not. */
function rankOf (each: LineClass, { output, flow }: Choice): number | undefined {
  const kind = output.kind === wanted[each] ? 0 : 1
  const places = new Set(output.flows.map(({ container, class: name }) => `${container} ${name}`)).size
  const rank = kind - coverOf(each, flow.container, output) / 10 + places / 1000
  if (flow.conditions.length === 0) return rank
  const isOfErrors = flow.conditions.every(condition => condition.isOfErrors)
  // Lines that speak of errors were meant to be those of standard error.
  if (isOfErrors) return each === 'error' ? rank + 0.5 : undefined
  return each === 'app' ? undefined : rank + 10
}

/** How many classes that want the same it takes whole: they share one bucket or one group. */
function coverOf (each: LineClass, container: string, { flows }: Output): number {
  const whole = flows.filter(({ conditions }) => conditions.length === 0)
  return lineClasses.filter(name => wanted[name] === wanted[each] && isAmong(whole, { container, class: name })).length
}

// Tested in test/config/fluent-bit/destinations.test.ts
