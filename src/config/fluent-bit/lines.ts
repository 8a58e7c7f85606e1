import { anyContainer } from './tags.ts'

/** Kinds of lines that Sluice tells apart. Those of standard output are access lines and others. */
export const lineClasses = ['error', 'access', 'app'] as const
export type LineClass = typeof lineClasses[number]

export const streamOf: Readonly<Record<LineClass, 'stdout' | 'stderr'>> = { error: 'stderr', access: 'stdout', app: 'stdout' }

/** Whether a pattern on the line takes all lines of a class, none, or some. */
export type Share = 'all' | 'none' | 'some'

const jsonAccess = [
  '{"time":"[23/Nov/2026:19:34:38 +0000]","host":"shop.example","method":"GET","path":"/cart","status":"200","userAgent":"Mozilla/5.0"}',
  '{ "status": 404, "request": "POST /api/v1/orders?id=7 HTTP/1.1", "bytes": 0, "remoteIP": "2001:db8::1" }',
]
const plainAccess = [
  '203.0.113.7 - - [23/Nov/2026:19:34:38 +0000] "GET /cart HTTP/1.1" 200 512',
  '2001:db8::1 - bob [24/Nov/2026:00:00:00 +0900] "POST /a?b=1 HTTP/2.0" 503 - "-" "curl/8.5.0"',
]
const errors = [
  '[Mon Nov 23 19:34:38.123456 2026] [php:error] [pid 7] [client 203.0.113.7:5000] PHP Fatal error:  Uncaught Exception: x',
  '[24-Nov-2026 04:37:30 Asia/Tokyo] PHP Warning:  Undefined variable $a in /var/www/index.php on line 3',
  'AH00558: apache2: Could not reliably determine the server\'s fully qualified domain name',
]

/**
 * What a pattern on the line says of each class, judged by lines of Apache and PHP. A pattern that looks at what a line
 * says, not at its form, takes some.
 */
export function sharesOf (pattern: RegExp): Readonly<Record<LineClass, Share>> {
  const every = (lines: readonly string[]) => lines.every(line => pattern.test(line))
  const access = every(jsonAccess) || every(plainAccess)
  const isAnyAccess = [...jsonAccess, ...plainAccess].some(line => pattern.test(line))
  const isAnyError = errors.some(line => pattern.test(line))
  if (access && every(errors)) return { error: 'all', access: 'all', app: pattern.test('x') ? 'all' : 'some' }
  if (access && !isAnyError) return { error: 'none', access: 'all', app: 'some' }
  return every(errors) && !isAnyAccess ? { error: 'all', access: 'none', app: 'some' } : { error: 'some', access: 'some', app: 'some' }
}

/** Lines of a class of a container. */
export interface Lines { readonly container: string, readonly class: LineClass }

/** Whether some of these are the lines of that class of that container. */
export function isAmong (all: readonly Lines[], { container, class: each }: Lines): boolean {
  return all.some(lines => lines.container === container && lines.class === each)
}

/** Whether these are all lines of the container. */
export function isWhole (all: readonly Lines[], container: string): boolean {
  return lineClasses.every(each => isAmong(all, { container, class: each }))
}

/** Lines in words: `the lines of stderr of web`. */
export function wordsOf (lines: readonly Lines[], containers: readonly string[]): string {
  const byContainer = Map.groupBy(lines, ({ container }) => container)
  const wordsFor = (name: string) => classWords((byContainer.get(name) ?? []).map(each => each.class))
  const byClasses = Map.groupBy(byContainer.keys(), wordsFor)
  return [...byClasses].map(([words, names]) => {
    const isAll = names.includes(anyContainer) && containers.every(name => names.includes(name))
    if (isAll) return `${words} of all containers`
    const known = names.filter(name => name !== anyContainer)
    const others = names.includes(anyContainer) ? ['other containers'] : []
    return `${words} of ${[...known, ...others].join(', ')}`
  }).join(' and ')
}

/** By the classes in the order of `lineClasses`. */
const wordsOfClasses: Readonly<Record<string, string>> = {
  'error access app': 'all lines',
  'error access': 'the lines of stderr and the access lines',
  'error app': 'the lines of stderr and other lines of stdout',
  'access app': 'the lines of stdout',
  error: 'the lines of stderr',
  access: 'the access lines',
  app: 'the other lines of stdout',
}

function classWords (given: readonly LineClass[]): string {
  return wordsOfClasses[lineClasses.filter(each => given.includes(each)).join(' ')] ?? ''
}

// Tested in test/config/fluent-bit/flows.test.ts
