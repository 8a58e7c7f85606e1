import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signalsOf, signalTable, workersIn, type SignalName } from '../../src/signals/signal-table.ts'

/** Messages as the programs write them; those of Apache with their code first. */
const messages: Readonly<Record<string, readonly string[]>> = {
  workers_exhausted: [
    'AH00161: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting',
    'AH00484: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting',
    'AH10159: server is within MinSpareThreads of MaxRequestWorkers, consider raising the MaxRequestWorkers setting',
    'AH00286: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting',
    'AH00287: server is within MinSpareThreads of MaxRequestWorkers, consider raising the MaxRequestWorkers setting',
  ],
  scoreboard_full: [
    'AH00288: scoreboard is full, not at MaxRequestWorkers', 'AH00485: scoreboard is full, not at MaxRequestWorkers',
    'AH03490: scoreboard is full, not at MaxRequestWorkers.Increase ServerLimit.',
  ],
  child_crashed: [
    'AH00052: child pid 26831 exit signal Segmentation fault (11)',
    'AH00051: child pid 26831 exit signal Segmentation fault (11), possible coredump in /tmp',
    ': [pool www] child 17 exited on signal 11 (SIGSEGV) after 12.5 seconds from start',
  ],
  fpm_children_exhausted: [': [pool www] server reached pm.max_children setting (5), consider raising it'],
  fpm_slow_start: [': [pool www] seems busy (you may need to increase pm.start_servers, or pm.min/max_spare_servers), spawning 8 ' +
    'children, there are 0 idle, and 5 total children'],
  php_memory_exhausted: [': Allowed memory size of 8388608 bytes exhausted (tried to allocate 4096 bytes)',
    ': Out of memory (allocated 2097152 bytes) (tried to allocate 4096 bytes)'],
  php_time_exceeded: [': Maximum execution time of 1 second exceeded', ': Maximum execution time of 30+2 seconds exceeded (terminated)',
    ': [pool www] child 8, script \'/x.php\' (request: "GET /x.php") execution timed out (61.007 sec), terminating'],
  opcache_full: [': Not enough free shared space to allocate 8 bytes (0 bytes free)', ': No more entries in hash table!',
    ': Interned string buffer overflow'],
  database_gone: [': SQLSTATE[HY000]: General error: 2006 MySQL server has gone away',
    ': Lost connection to MySQL server during query', ': server closed the connection unexpectedly'],
  database_refused: [': SQLSTATE[HY000] [2002] Connection refused', ': SQLSTATE[HY000] [1040] Too many connections',
    ': mysqli_real_connect(): (HY000/2002): Connection refused', ': Uncaught mysqli_sql_exception: Connection refused',
    ': SQLSTATE[08006] [7] connection to server at "db" (10.0.0.9), port 5432 failed: Connection refused'],
  disk_full: [': file_put_contents(): Write of 8192 bytes failed with errno=28 No space left on device'],
  tls_trouble: [': file_get_contents(): SSL operation failed with code 1. OpenSSL Error messages: certificate verify failed'],
  permission_denied: ['AH00035: access to / denied (filesystem path \'/var/www\') because search permissions are missing',
    ': fopen(/var/www/x): Failed to open stream: Permission denied'],
}

const signalNames = Object.keys(signalTable) as SignalName[]

t.test('each message shows its signal, and no other', async t => {
  for (const [name, texts] of Object.entries(messages)) for (const text of texts) t.same(signalsOf(text), [name], text)
  for (const text of ['AH00163: Apache/2.4.71 (Debian) configured -- resuming normal operations', ': Undefined variable $x',
    'AH01071: AH00161 was here', ': (28) of 30']) t.same(signalsOf(text), [], text)
})

t.test('every signal has a message here, or says that no line tells it', async t => {
  const untold = signalNames.filter(name => messages[name] === undefined)
  t.same(untold, ['keep_alive_too_long', 'card_number_seen'])
  t.ok(untold.every(name => !('pattern' in signalTable[name])))
})

t.test('docs/signals.md explains every signal', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/signals.md'), 'utf8')
  t.same(signalNames.filter(name => !page.includes(`\`${name}\``)), [])
})

t.test('the number of workers is read where Apache names it', async t => {
  t.equal(workersIn('AH00180: WARNING: MaxRequestWorkers of 300 exceeds ServerLimit value of 256 servers, ' +
    'decreasing MaxRequestWorkers to 256. To increase, please see the ServerLimit directive.'), 256)
  t.equal(workersIn('AH00161: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting'), undefined)
})
