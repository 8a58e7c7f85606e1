import { gzipSync } from 'node:zlib'
import { Encoder } from '@msgpack/msgpack'

const encoder = new Encoder()
const encode = (value: unknown) => Buffer.from(encoder.encode(value))
/** As long as a frame may be by default, less what is around the item that fills it. */
const mostBytes = 8 * 1024 * 1024 - 2048
const mostItems = 1024 * 1024

const filled = (bytes: number, pattern: string | Buffer) => Buffer.alloc(bytes, pattern)
const repeated = (count: number, pattern: Buffer) => filled(count * pattern.length, pattern)
const head = (type: number, count: number) =>
  Buffer.from([type, count >>> 24, count >>> 16 & 255, count >>> 8 & 255, count & 255])
const text = (bytes: Buffer) => Buffer.concat([head(0xdb, bytes.length), bytes])
const array = (count: number, item: Buffer) => Buffer.concat([head(0xdd, count), repeated(count, item)])
const map = (count: number, pair: Buffer) => Buffer.concat([head(0xdf, count), repeated(count, pair)])
const mapOf = (...pairs: ReadonlyArray<readonly [Buffer, Buffer]>) =>
  Buffer.concat([Buffer.of(0x80 + pairs.length), ...pairs.flat()])

const frame = (...elements: readonly Buffer[]) => Buffer.concat([Buffer.of(0x91 + elements.length), encode('hostile'), ...elements])
const message = (record: Buffer) => frame(encode(1_795_462_683), record)
const line = (source: string, ...log: readonly Buffer[]) =>
  message(mapOf([encode('source'), encode(source)], [encode('log'), text(Buffer.concat(log))]))
/** Lines of standard output that are JSON, each as long as a line may be. */
const jsonLines = (unit: string) => {
  const [start, end] = [Buffer.from('{"status":200,"request":"'), Buffer.from('"}')]
  const log = text(Buffer.concat([start, filled(192 * 1024 - start.length - end.length, unit), end]))
  const record = mapOf([encode('source'), encode('stdout')], [encode('log'), log])
  return frame(array(31, Buffer.concat([Buffer.of(0x92), encode(1_795_462_683), record])))
}
const packed = (payload: Buffer) => frame(text(payload))
const noEntries = Buffer.of(0x90)
/** Fluent Bit's begin of a group: an entry that is no record. */
const groupMarker = Buffer.from([0x92, 0xd7, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x80])
const phpError = '[Thu Jan 01 00:00:00.000000 2026] [php:error] [pid 1] [client 1.2.3.4:1] PHP Fatal error:  '
const fcgiError = "[Thu Jan 01 00:00:00.000000 2026] [proxy_fcgi:error] [pid 1] [client 1.2.3.4:1] AH01071: Got error 'PHP message: "

/** Frames within all limits, each made so that something about it takes long. */
export const hostileFrames: Readonly<Record<string, Buffer>> = {
  'one long line': line('stdout', filled(mostBytes, 'a')),
  'one long line of braces': line('stdout', filled(mostBytes, '{')),
  'one long line of broken JSON': line('stdout', Buffer.from('{"status":200,"request":"'), filled(mostBytes - 100, '\\x"')),
  'one long line of escapes': line('stderr', Buffer.from(phpError), filled(mostBytes - 200, '\\xe3\\n')),
  'one long line of objects': line('stdout', filled(mostBytes, '{"a":')),
  'one long line of bytes that are no UTF-8': line('stderr', filled(mostBytes, Buffer.of(0xff))),
  'one long line of quotes': line('stderr', filled(mostBytes, '"')),
  'one long line of messages': line('stderr', Buffer.from(fcgiError), filled(mostBytes - 200, '; PHP message: ')),
  'one long line of secrets': line('stdout', filled(mostBytes, 'cvv=1&')),
  'one long line of addresses with passwords': line('stdout', filled(mostBytes, 'a://b:c@')),
  'one long line of keys in brackets': line('stdout', filled(mostBytes, '[a][a][a][a]=')),
  'one long line of quotes of HTML': line('stdout', filled(mostBytes, 'cvv&quot;:&quot;')),
  'one long line of equals signs': line('stdout', filled(mostBytes, '=')),
  'one long line of percent signs': line('stdout', filled(mostBytes, '%')),
  'one long line of card numbers': line('stdout', filled(mostBytes, '4111 1111 1111 1111 ')),
  'one long line of card numbers, one at each digit': line('stdout', filled(mostBytes, '6 6 ')),
  'one long line of encoded digits': line('stdout', filled(mostBytes, '%2534')),
  'one long line of full-width signs': line('stdout', filled(mostBytes, '＝')),
  'one long line of encoded lists': line('stderr', filled(mostBytes, 'pin=%7B')),
  'lines of JSON of full-width signs': jsonLines('＝'),
  'lines of JSON of encoded digits': jsonLines('%2534'),
  'lines of JSON of card numbers, one at each digit': jsonLines('6-6-'),
  'a million numbers': message(mapOf([encode('a'), map(mostItems, Buffer.of(1, 2))])),
  'arrays as keys': message(map(mostItems / 4, Buffer.from([0x91, 0x91, 0x91, 1, 0x91, 0x91, 0x91, 1]))),
  'a million extensions, twice': message(mapOf(
    [encode('a'), array(mostItems, Buffer.of(0xd4, 5, 7))], [encode('b'), array(mostItems, Buffer.of(0xd4, 5, 7))])),
  'a million floats': message(mapOf([encode('a'), array(900_000, Buffer.from([0xcb, 0x3f, 0xd5, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55]))])),
  'empty maps': message(mapOf(
    [encode('a'), array(mostItems, Buffer.of(0x80))], [encode('b'), array(mostItems, Buffer.of(0x80))],
    [encode('c'), array(mostItems, Buffer.of(0x80))])),
  'control characters': message(mapOf([encode('a'), text(filled(mostBytes, Buffer.of(1)))])),
  'bytes that are no UTF-8': message(mapOf([encode('a'), text(filled(mostBytes, Buffer.of(0xff)))])),
  'a key of eight megabytes': message(mapOf([text(filled(mostBytes, '"')), encode(1)])),
  'a map as key': message(mapOf([map(mostItems, Buffer.of(1, 2)), encode(1)])),
  'group markers': frame(array(400_000, groupMarker)),
  'packed group markers': packed(repeated(400_000, groupMarker)),
  'entries of many parts, and options behind them': frame(array(230_000, Buffer.from([0x92, 0, 0x87, ...new Uint8Array(14)])), Buffer.of(0x80)),
  'an option of a million pairs': frame(noEntries, map(mostItems, Buffer.from([0xa1, 65, 0xa1, 66]))),
  'an option of a million maps': frame(noEntries, mapOf([encode('a'), array(mostItems, Buffer.of(0x80))])),
  'a signal of a million maps': frame(noEntries, mapOf([encode('fluent_signal'), array(mostItems, Buffer.of(0x80))])),
  'frames of three bytes': repeated(1_000_000, Buffer.of(0x92, 0xa0, 0x90)),
  heartbeats: filled(mostBytes, Buffer.of(0xc0)),
  'frames of one compressed record': repeated(5000, packed(gzipSync(encode([0, { log: 'a' }])))),
  'a gzip of group markers': packed(gzipSync(repeated(400_000, groupMarker))),
  'a gzip of one long record': packed(gzipSync(encode([0, { a: 'x'.repeat(7 * 1024 * 1024) }]))),
  'gzip members of nothing': packed(repeated(400_000, gzipSync(Buffer.alloc(0)))),
}
