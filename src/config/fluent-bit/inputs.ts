import { formatAddress } from '../address.ts'
import { formatDuration } from '../units.ts'
import { placeOf } from './filter-context.ts'
import { isOfDoor, translateDoor } from './forward-door.ts'
import type { Gathered, Place } from './gathered.ts'
import { optionsOf, pluginOf, type Section } from './sections.ts'
import { msOf } from './units.ts'

export const healthTag = 'firelens-healthcheck'

/** Carries an `[INPUT]` over: the sockets that Sluice has too. */
export function translateInput (gathered: Gathered, section: Section): void {
  const plugin = pluginOf(section)
  const { listen = '0.0.0.0', port, tag, unix_path: unixPath } = optionsOf(section)
  const from = { ...placeOf(section), option: 'Listen' }
  if (plugin === 'forward' && unixPath !== undefined) {
    gathered.set('unixSocket', unixPath, { ...from, option: 'unix_path' })
  } else if (plugin === 'forward') {
    gathered.set('tcp', formatAddress({ host: listen, port: port ?? '24224' }), from)
  } else if (plugin === 'tcp' && tag === healthTag) {
    gathered.set('firelens.healthInput', formatAddress({ host: listen, port: port ?? '5170' }), from)
  } else {
    gathered.leave({ ...from, option: '' }, 'lines come from the sockets for FireLens, or from standard input')
    return
  }
  if (plugin === 'forward') translateDoor(gathered, section)
  for (const entry of section.entries) {
    const word = entry.key.toLowerCase()
    if (plugin === 'forward' && isOfDoor(word)) continue
    const hint = inputOptions.get(word) ?? (/^(?:storage|buffer|net)[._]/.test(word) ? 'lines are written to disk as they come' : undefined)
    const place = placeOf(section, entry)
    if (hint === undefined) gathered.leave(place, word === 'processors' ? 'lines stay as they were written' : '')
    else if (hint !== '') gathered.note('nothing', place, hint)
  }
}

const inputOptions: ReadonlyMap<string, string> = new Map(Object.entries({
  name: '',
  tag: '',
  tag_prefix: '',
  listen: '',
  port: '',
  unix_path: '',
  alias: '',
  mem_buf_limit: '',
  threaded: '',
  'multiline.parser': 'PHP traces are joined without it, and lines that the container engine cut',
}))

/** Carries `[SERVICE]` over. */
export function translateService (gathered: Gathered, section: Section): void {
  const { http_server: server = 'off', http_listen: listen = '0.0.0.0', http_port: port = '2020' } = optionsOf(section)
  if (/^(?:on|true|yes)$/i.test(server)) gathered.set('http', formatAddress({ host: listen, port }), { ...placeOf(section), option: 'HTTP_Server' })
  for (const entry of section.entries) {
    const word = entry.key.toLowerCase()
    const from = placeOf(section, entry)
    if (serviceOptions.has(word)) {
      const hint = serviceOptions.get(word) ?? ''
      if (hint !== '') gathered.note('nothing', from, hint)
    } else if (word.startsWith('http_') || word.startsWith('hc_') || word === 'health_check') {
      continue
    } else if (!readServiceValue(gathered, word, entry.value, from)) {
      gathered.leave(from, 'nothing here is like it')
    }
  }
}

function readServiceValue (gathered: Gathered, word: string, value: string, from: Place): boolean {
  // Fluent Bit reads the number and leaves what follows, which here is mostly a comment.
  const ms = msOf(value.replace(/\s#.*/, ''))
  if (word === 'flush' && ms !== undefined) {
    gathered.setWithin('events.maxAge', formatDuration(ms), from, value)
  } else if (word === 'grace' && ms !== undefined) {
    if (ms > 25_000) gathered.setWithin('stop.deadline', formatDuration(ms), from, value)
    gathered.note('change', from, ms > 25_000
      ? 'stop.deadline is the same; the stopTimeout of the container must be longer'
      : 'stop.deadline stays at 25s, so that what is left is delivered: the stopTimeout of the container must be longer')
  } else if (word === 'log_level') {
    const level = value.toLowerCase()
    gathered.set('log.level', { off: 'fatal', warning: 'warn' }[level] ?? level, from)
  } else if (word === 'storage.path') {
    gathered.set('dataDir', value, from)
  } else if (word === 'storage.sync') {
    gathered.set('spool.sync', value.toLowerCase() === 'full' ? 'always' : 'never', from)
  } else {
    return false
  }
  return true
}

const serviceOptions: ReadonlyMap<string, string> = new Map(Object.entries({
  parsers_file: 'lines are told apart without parsers',
  // Its tasks are read with the file.
  streams_file: '',
  plugins_file: '',
  daemon: '',
  coro_stack_size: '',
  'scheduler.base': 'pauses between retries are random and grow (delivery.backoffMin, delivery.backoffMax)',
  'scheduler.cap': 'pauses between retries are random and grow (delivery.backoffMin, delivery.backoffMax)',
  'json.convert_nan_to_null': '',
  'storage.metrics': 'the metrics of the spool are always there',
  'storage.checksum': 'every segment has a checksum',
  'storage.max_chunks_up': 'the spool is on disk, not in memory',
  'storage.backlog.mem_limit': 'the spool is on disk, not in memory',
  'storage.delete_irrecoverable_chunks': 'a damaged segment is recovered up to the damage',
  'storage.type': 'lines are written to disk as they come',
  'storage.inherit': '',
}))

// Tested in test/config/fluent-bit/translate.test.ts
