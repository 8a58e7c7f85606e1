/**
 * What syslog, PSR-3, Apache and loggers call the levels that the settings name.
 *
 * Source: https://www.php-fig.org/psr/psr-3/, https://httpd.apache.org/docs/2.4/mod/core.html#loglevel
 */
export const levelWords: ReadonlyMap<string, string> = new Map([
  ...['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'].map(level => [level, level] as const),
  ['emergency', 'emerg'], ['panic', 'emerg'], ['critical', 'crit'], ['fatal', 'crit'], ['err', 'error'],
  ['warning', 'warn'], ['information', 'info'], ['trace', 'debug'],
  ...Array.from({ length: 8 }, (_, index) => [`trace${index + 1}`, 'debug'] as const),
])
