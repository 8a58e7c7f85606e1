export interface SignalDefinition {
  /** Matches what an error says, with its code before it; absent: not told by one line. */
  readonly pattern?: RegExp
  /** The line comes once, whatever happens then: it is up until requests show that workers are free again. */
  readonly isLasting?: true
  /** One sentence each. */
  readonly means: string
  readonly lookAt: string
}

/**
 * Every signal: the one place where its name, its lines and its meaning are written. docs/signals.md says what to set.
 *
 * Sources: server/mpm/{prefork,worker,event} and os/unix/unixd.c of httpd, sapi/fpm/fpm/fpm_process_ctl.c of php-src,
 * ext/opcache/ZendAccelerator.c, main/main.c.
 */
export const signalTable = {
  workers_exhausted: {
    pattern: /^AH(?:00161|00484|10159|00286|00287): /,
    isLasting: true,
    means: 'Apache has reached MaxRequestWorkers: new connections wait in the backlog, health checks among them.',
    lookAt: 'Compare busy and idle connections in mod_status; a long KeepAliveTimeout or slow requests hold workers.',
  },
  scoreboard_full: {
    pattern: /^AH(?:00288|00485|03490): /,
    isLasting: true,
    means: 'Apache has no place for another child, because old ones finish their last requests.',
    lookAt: 'Raise ServerLimit above MaxRequestWorkers / ThreadsPerChild, or look for requests that never end.',
  },
  keep_alive_too_long: {
    isLasting: true,
    means: 'Apache\'s workers are taken, but requests that end keep fewer than half of them busy: idle connections hold the rest, or requests that do not end.',
    lookAt: 'Lower KeepAliveTimeout or raise MaxRequestWorkers (docs/apache.md); if no client is idle, look for hanging requests.',
  },
  child_crashed: {
    pattern: /^AH0005[12]: |\bexited on signal \d+/,
    means: 'A child of Apache or php-fpm was ended by a signal: its requests have got no answer.',
    lookAt: 'Segmentation faults come from extensions: see which, with a core dump; SIGKILL is the memory limit of the container.',
  },
  fpm_children_exhausted: {
    pattern: /server reached (?:pm\.)?max_children setting/,
    isLasting: true,
    means: 'php-fpm has reached pm.max_children: requests wait for a free child.',
    lookAt: 'Raise pm.max_children if memory allows, and look at the slow log for what holds the children.',
  },
  fpm_slow_start: {
    pattern: /\bseems busy \(you may need to increase /,
    means: 'php-fpm has too few idle children and starts more while requests wait.',
    lookAt: 'Raise pm.start_servers and pm.min_spare_servers, or use pm = static.',
  },
  php_memory_exhausted: {
    pattern: /Allowed memory size of \d+ bytes exhausted|Out of memory \(allocated \d+/,
    means: 'A PHP request has used all of memory_limit and was ended.',
    lookAt: 'The file of the message says where; look for a result that is loaded whole, before raising memory_limit.',
  },
  php_time_exceeded: {
    pattern: /Maximum execution time of \d+(?:\+\d+)? seconds? exceeded|execution timed out \([\d.]+ sec\), terminating/,
    means: 'A PHP request ran for longer than max_execution_time or request_terminate_timeout and was ended.',
    lookAt: 'The file of the message says where; calls to other services need timeouts of their own.',
  },
  opcache_full: {
    pattern: /Not enough free shared space to allocate|No more entries in hash table!|Interned string buffer overflow/,
    means: 'The opcache is full: scripts are compiled again for every request.',
    lookAt: 'Raise opcache.memory_consumption, opcache.max_accelerated_files or opcache.interned_strings_buffer.',
  },
  database_gone: {
    pattern: /server has gone away|Lost connection to (?:MySQL|MariaDB)|server closed the connection unexpectedly|SSL SYSCALL error: EOF/i,
    means: 'The database closed a connection that was in use.',
    lookAt: 'Look for a failover or a restart of the database, and at wait_timeout and the largest packet.',
  },
  database_refused: {
    pattern: /SQLSTATE\[(?:HY000|08006|08004)\] \[(?:2002|2003|1040|1203|7)\]|\(HY000\/(?:2002|2003|1040|1203)\)|mysqli_sql_exception: Connection (?:refused|timed out)|Too many connections|too many clients already|could not connect to server|connection to server at .{1,200} failed/i,
    means: 'The database does not take new connections.',
    lookAt: 'Look whether it runs, at its limit of connections and at the security group.',
  },
  disk_full: {
    pattern: /No space left on device|Disk quota exceeded/,
    means: 'A disk has no room left.',
    lookAt: 'Look at sessions, uploads, caches and core dumps in the container, and at the size of its ephemeral storage.',
  },
  tls_trouble: {
    pattern: /certificate verify failed|certificate has expired|SSL operation failed|SSL Library Error|^AH02(?:240|561|562|565|572): /,
    means: 'A TLS connection could not be made.',
    lookAt: 'Look at the dates of certificates, at the CA bundle of the image and at the clock.',
  },
  permission_denied: {
    pattern: /\(13\)Permission denied|^AH(?:00035|00132|00529): |Failed to open stream: Permission denied/i,
    means: 'Apache or PHP may not read a file or a directory.',
    lookAt: 'Compare the owner and the mode of the path in the message with the user that Apache or php-fpm runs as.',
  },
  card_number_seen: {
    means: 'A card number stood in a line; what is stored has it cut.',
    lookAt: 'Find what writes it: the application must not log card numbers (docs/pci.md).',
  },
} as const satisfies Readonly<Record<string, SignalDefinition>>

export type SignalName = keyof typeof signalTable

const definitions: readonly (readonly [SignalName, SignalDefinition])[] =
  Object.entries(signalTable) as [SignalName, SignalDefinition][]

/** The signals that an error shows: `said` is its code, a colon, its message, and its line as it came. */
export function signalsOf (said: string): readonly SignalName[] {
  return definitions.flatMap(([name, { pattern }]) => pattern?.test(said) === true ? [name] : [])
}

/** How many workers Apache has, where a line says it. */
export function workersIn (said: string): number | undefined {
  const found = /decreasing MaxRequestWorkers to (\d{1,6})\b/.exec(said)
  return found === null ? undefined : Number(found[1])
}
