/** Docker reads a container's stream into a buffer of this size; a longer line is sent in pieces. */
const pieceBytes = 16_384

export interface Container {
  /** Docker's id of the container, 64 hex digits. */
  readonly id: string
  readonly name: string
  readonly tag: string
}

export interface DriverLine {
  readonly source: 'stdout' | 'stderr'
  /** Without its newline. */
  readonly bytes: Buffer
  readonly timeMs: number
}

/**
 * The bytes that Docker's `fluentd` log driver writes for one line of a container: one Message-mode frame, or one for
 * each 16,384 bytes of a long line, with the keys of a record in any order, as a Go map gives them.
 *
 * Source: https://github.com/moby/moby/blob/master/daemon/logger/fluentd/fluentd.go and copier.go beside it
 *
 * @param random numbers in [0, 1): they decide the order of keys and the id of a cut line
 */
export function driverFrames (container: Container, line: DriverLine, random: () => number): Buffer[] {
  const record = (log: Buffer, more: Readonly<Record<string, string>> = {}) => frame(container, line, log, more, random)
  if (line.bytes.length < pieceBytes) return [record(line.bytes)]
  const id = Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('')
  const frames: Buffer[] = []
  // A line of exactly one piece still gets a second, empty one: the newline was not in the first.
  for (let start = 0, ordinal = 1; start <= line.bytes.length; start += pieceBytes, ordinal++) {
    frames.push(record(line.bytes.subarray(start, start + pieceBytes), {
      partial_message: 'true',
      partial_id: id,
      partial_ordinal: String(ordinal),
      partial_last: String(start + pieceBytes > line.bytes.length),
    }))
  }
  return frames
}

function frame (
  container: Container, { source, timeMs }: DriverLine, log: Buffer, more: Readonly<Record<string, string>>,
  random: () => number
): Buffer {
  const fields: [string, string | Buffer][] = [
    ['container_id', container.id],
    ['container_name', container.name],
    ['source', source],
    ['log', log],
    ...Object.entries(more),
  ]
  shuffle(fields, random)
  return Buffer.concat([
    Buffer.from([0x94]), text(container.tag), eventTime(timeMs), Buffer.from([0x80 | fields.length]),
    ...fields.flatMap(([key, value]) => [text(key), text(value)]),
    Buffer.from([0x80]),
  ])
}

function shuffle (items: unknown[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[items[last], items[other]] = [items[other], items[last]]
  }
}

/** msgpack str, whatever the bytes are: the driver does not look at them. */
function text (value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const { length } = bytes
  if (length < 32) return Buffer.concat([Buffer.from([0xa0 | length]), bytes])
  if (length < 256) return Buffer.concat([Buffer.from([0xd9, length]), bytes])
  return Buffer.concat([Buffer.from([0xda, length >> 8, length & 0xff]), bytes])
}

/** EventTime as fixext8, as FireLens asks the driver for. */
function eventTime (timeMs: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes.writeUInt16BE(0xd700, 0)
  bytes.writeUInt32BE(Math.floor(timeMs / 1000), 2)
  bytes.writeUInt32BE((timeMs % 1000) * 1_000_000, 6)
  return bytes
}
