import { errorLevels, levelWords, type ErrorLevel } from '../contracts/levels.ts'

const names: ReadonlyMap<string, ErrorLevel> = new Map<string, ErrorLevel>([
  ...levelWords,
  // Of supervisord. Source: https://github.com/Supervisor/supervisor/blob/main/supervisor/loggers.py (LevelsByName)
  ['erro', 'error'], ['debg', 'debug'], ['trac', 'debug'], ['blat', 'debug'],
  // Of Yii's profiler.
  ['profile', 'debug'], ['profile begin', 'debug'], ['profile end', 'debug'],
])

/** Levels of PHP's errors, as PHP gives them to syslog and to Apache. Source: main/main.c (php_error_cb) */
const ofKinds: ReadonlyMap<string, ErrorLevel> = new Map<string, ErrorLevel>([
  ['Fatal error', 'error'], ['Recoverable fatal error', 'error'], ['Catchable fatal error', 'error'],
  ['Parse error', 'error'], ['Unknown error', 'error'], ['Warning', 'warn'], ['Notice', 'notice'],
  ['Strict Standards', 'info'], ['Deprecated', 'info'],
])

/** PHP's words for the kinds of its errors. */
export const phpKinds: readonly string[] = [...ofKinds.keys()]

/** The level that a word of Apache, php-fpm, Monolog or another logger means. */
export function levelOfName (name: string): ErrorLevel | undefined {
  return names.get(name.toLowerCase())
}

/** Every word, in small letters, that means a level at least as bad as `level`. */
export function namesFrom (level: ErrorLevel): readonly string[] {
  return [...names].filter(([, found]) => !isBelow(found, level)).map(([name]) => name)
}

/** The level that Monolog (100 to 600) or pino and bunyan (10 to 60) mean by a number. */
export function levelOfNumber (value: number): ErrorLevel | undefined {
  const steps = value >= 100 ? monologSteps : value >= 10 ? pinoSteps : undefined
  return steps?.find(([least]) => value >= least)?.[1]
}

/** The level that syslog and GELF mean by a number from 0 to 7. */
export function levelOfSyslog (value: number): ErrorLevel | undefined {
  return errorLevels[value]
}

const monologSteps: readonly (readonly [number, ErrorLevel])[] = [
  [600, 'emerg'], [550, 'alert'], [500, 'crit'], [400, 'error'], [300, 'warn'], [250, 'notice'], [200, 'info'],
  [100, 'debug'],
]
const pinoSteps: readonly (readonly [number, ErrorLevel])[] = [
  [60, 'crit'], [50, 'error'], [40, 'warn'], [30, 'info'], [10, 'debug'],
]

/** Level of a kind of PHP's errors: `Fatal error`, `Warning`, … */
export function levelOfKind (kind: string): ErrorLevel | undefined {
  return ofKinds.get(kind)
}

/** Whether a record is less severe than what is wanted. One whose level is unknown never is. */
export function isBelow (level: ErrorLevel | undefined, minLevel: ErrorLevel): boolean {
  return level !== undefined && errorLevels.indexOf(level) > errorLevels.indexOf(minLevel)
}

/** The more severe of two levels. */
export function moreSevere (level: ErrorLevel | undefined, other: ErrorLevel | undefined): ErrorLevel | undefined {
  if (level === undefined || other === undefined || level === other) return level ?? other
  return isBelow(level, other) ? other : level
}
