import type { SentRecord } from './forward-frames.ts'

const classes = ['access', 'error', 'app'] as const
export type LineClass = typeof classes[number]

/** What is in every line of these, and in no other line. */
const markPattern = /(?:access|error|app)-[\w-]+\./

/** What tells a line from all others. */
export function markOf (text: string): string {
  return markPattern.exec(text)?.[0] ?? `no mark: ${text.slice(0, 200)}`
}

export function isUnmarked (mark: string): boolean {
  return mark.startsWith('no mark: ')
}

export function classOf (mark: string): string {
  return mark.slice(0, mark.indexOf('-'))
}

export interface LinesOptions {
  readonly padding?: string
  readonly container?: string
  /** All of them unless given. */
  readonly only?: LineClass
}

/**
 * Lines of all three classes, `count` of each, with a mark of `name` and a number. Each is complete by itself: no join
 * holds it, so that an ack says that it is in the spool.
 */
export function uniqueLines (name: string, count: number, options: LinesOptions = {}): SentRecord[] {
  const { padding = '', container = 'web', only } = options
  const texts: Readonly<Record<LineClass, (id: string) => string>> = {
    access: id => `{"status":200,"path":"/","agent":"${padding}","id":"access-${id}."}`,
    error: id => `[Mon Nov 23 10:00:00.000000 2026] [php:warn] [pid 7] PHP Warning:  error-${id}. ${padding}`.trimEnd(),
    app: id => `plain app-${id}. ${padding}`.trimEnd(),
  }
  const wanted = classes.filter(each => (only ?? each) === each)
  return Array.from({ length: count }, (_, index) => wanted.map(class_ => ({
    timeMs: Date.now(),
    fields: {
      source: class_ === 'error' ? 'stderr' : 'stdout', log: texts[class_](`${name}-${index}`), container_name: `/${container}`,
    },
  }))).flat()
}
