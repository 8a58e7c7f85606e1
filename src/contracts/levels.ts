/** Syslog's eight as Apache spells them, most severe first. */
export const errorLevels = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'] as const
export type ErrorLevel = typeof errorLevels[number]

/**
 * The level that a word of syslog, PSR-3, Apache or a logger means, in small letters.
 *
 * Source: https://www.php-fig.org/psr/psr-3/, https://httpd.apache.org/docs/2.4/mod/core.html#loglevel
 */
export const levelWords: ReadonlyMap<string, ErrorLevel> = new Map<string, ErrorLevel>([
  ...errorLevels.map(level => [level, level] as const),
  ['emergency', 'emerg'], ['panic', 'emerg'], ['critical', 'crit'], ['fatal', 'crit'], ['err', 'error'],
  ['warning', 'warn'], ['information', 'info'], ['trace', 'debug'],
  ...Array.from({ length: 8 }, (_, index) => [`trace${index + 1}`, 'debug'] as const),
])
