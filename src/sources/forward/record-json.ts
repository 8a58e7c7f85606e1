import { isUtf8 } from 'node:buffer'
import { appendJsonText } from '../../bytes/json-escape.ts'
import { Scratch } from '../../bytes/scratch.ts'
import { scalarToJson } from './scalar-json.ts'
import { arrayCountAt, extensionAt, firstElementAt, mapCountAt, skipItem, textAt, uint32, type Span } from './msgpack.ts'

/** As much as one call of `write` appends, about. */
const stepBytes = 16 * 1024
/** As much text as is escaped at once; divisible by 3, so that pieces of base64 need no padding. */
const textStepBytes = 4095
const noBytes = Buffer.alloc(0)

/** How a payload becomes text. */
type TextKind = 'utf8' | 'latin1' | 'base64'

/** An array or map within which the item at hand lies. */
interface Level {
  readonly isMap: boolean
  /** It is a key: what is within it is escaped once more. */
  readonly isKey: boolean
  /** Items to come; keys and values each for themselves. */
  left: number
}

/**
 * Writes a msgpack item as JSON, straight from its bytes: keys keep their order and are written as often as they come,
 * integers keep all digits, and no key can mean anything to JavaScript. The slow path, for records without a line; in
 * steps, because what is written may be eight times as long as what was sent.
 *
 * Text that is not UTF-8 is read as Latin-1; numbers that JSON lacks are null; keys that are no text are the JSON of
 * the key, and within such a key the base64 of their msgpack, since each level of JSON within JSON doubles its escapes;
 * an EventTime is a decimal of seconds; other extensions are `{"type":…,"data":"<base64>"}`.
 */
export class RecordJson {
  #bytes: Buffer = noBytes
  #at = 0
  readonly #levels: Level[] = []
  #isInKey = false
  /** Nothing of the innermost array or map has been written. */
  #isFirst = true
  /** The payload that is being written, if it is not empty. */
  readonly #text: Span = { start: 0, end: 0 }
  #textKind: TextKind = 'utf8'
  #textTail = ''

  /** Begins with the item at `bytes[at]`, which a `FrameScanner` has walked. */
  begin (bytes: Buffer, at: number): void {
    this.#bytes = bytes
    this.#at = at
    this.#levels.length = 0
    // The item is the only one of an array that is not written.
    this.#levels.push({ isMap: false, isKey: false, left: 1 })
    this.#isFirst = true
    this.#isInKey = false
    this.#text.start = this.#text.end = 0
    this.#textTail = ''
  }

  /** Appends more of it; true when that was all. */
  write (out: Scratch): boolean {
    const enoughBytes = out.end + stepBytes
    while (out.end < enoughBytes) {
      if (this.#textTail !== '') {
        this.#writeText(out)
        continue
      }
      const level = this.#levels.at(-1)
      if (level === undefined) break
      if (level.left === 0) this.#close(out, level)
      else this.#writeItem(out, level)
    }
    if (this.#levels.length > 0) return false
    this.#bytes = noBytes
    return true
  }

  #writeItem (out: Scratch, level: Level): void {
    const isKey = level.isMap && level.left % 2 === 0
    level.left--
    if (!this.#isFirst) this.#put(out, level.isMap && !isKey ? ':' : ',')
    this.#isFirst = false
    const bytes = this.#bytes
    const at = this.#at
    if (textAt(bytes, at, this.#text)) {
      const { start, end } = this.#text
      this.#at = end
      this.#put(out, '"')
      this.#beginText(isUtf8(bytes.subarray(start, end)) ? 'utf8' : 'latin1', start, end, '"')
      return
    }
    const pairs = mapCountAt(bytes, at)
    const count = Math.max(pairs, arrayCountAt(bytes, at))
    if (count >= 0 && !(isKey && this.#isInKey)) {
      this.#open(out, { isMap: pairs >= 0, isKey, left: pairs >= 0 ? 2 * pairs : count })
      return
    }
    const end = this.#at = skipItem(bytes, at)
    if (count >= 0) {
      this.#put(out, '"')
      this.#beginText('base64', at, end, '"')
    } else if (extensionAt(bytes, at, this.#text)) {
      const { start } = this.#text
      if (isEventTime(bytes, this.#text)) {
        const seconds = `${uint32(bytes, start)}.${String(uint32(bytes, start + 4)).padStart(9, '0')}`
        this.#put(out, isKey ? `"${seconds}"` : seconds)
        return
      }
      const head = `{"type":${bytes.readInt8(start - 1)},"data":"`
      const tail = '"}'
      this.#put(out, isKey ? JSON.stringify(head).slice(0, -1) : head)
      this.#beginText('base64', start, end, isKey ? JSON.stringify(tail).slice(1) : tail)
    } else {
      const json = scalarToJson(bytes, at)
      this.#put(out, isKey ? `"${json}"` : json)
    }
  }

  #open (out: Scratch, level: Level): void {
    if (level.isKey) {
      this.#put(out, '"')
      this.#isInKey = true
    }
    this.#put(out, level.isMap ? '{' : '[')
    this.#levels.push(level)
    this.#isFirst = true
    this.#at = firstElementAt(this.#bytes, this.#at)
  }

  #close (out: Scratch, level: Level): void {
    this.#levels.pop()
    this.#isFirst = false
    if (this.#levels.length === 0) return
    this.#put(out, level.isMap ? '}' : ']')
    if (!level.isKey) return
    this.#isInKey = false
    this.#put(out, '"')
  }

  #beginText (kind: TextKind, start: number, end: number, tail: string): void {
    this.#textKind = kind
    this.#text.start = start
    this.#text.end = end
    this.#textTail = tail
  }

  /** Writes a piece of the payload, and what follows it behind the last one. */
  #writeText (out: Scratch): void {
    const bytes = this.#bytes
    const { start } = this.#text
    let end = Math.min(start + textStepBytes, this.#text.end)
    switch (this.#textKind) {
      case 'utf8':
        // Not within a character.
        while (end < this.#text.end && ((bytes[end] as number) & 0xc0) === 0x80) end--
        this.#appendText(out, bytes, start, end)
        break
      case 'latin1': {
        const text = Buffer.from(bytes.toString('latin1', start, end))
        this.#appendText(out, text, 0, text.length)
        break
      }
      case 'base64':
        this.#put(out, bytes.toString('base64', start, end))
        break
    }
    this.#text.start = end
    if (end < this.#text.end) return
    this.#put(out, this.#textTail)
    this.#textTail = ''
  }

  #appendText (out: Scratch, bytes: Buffer, start: number, end: number): void {
    if (!this.#isInKey) {
      appendJsonText(out, bytes, start, end)
      return
    }
    const escaped = new Scratch(end - start)
    appendJsonText(escaped, bytes, start, end)
    appendJsonText(out, escaped.buffer, 0, escaped.end)
  }

  /** Appends ASCII that is JSON; within a key, as text of it. */
  #put (out: Scratch, json: string): void {
    const { length } = json
    out.reserve(2 * length)
    const { buffer } = out
    let position = out.end
    for (let index = 0; index < length; index++) {
      const code = json.charCodeAt(index)
      if (this.#isInKey && (code === 0x22 || code === 0x5c)) buffer[position++] = 0x5c
      buffer[position++] = code
    }
    out.end = position
  }
}

function isEventTime (bytes: Buffer, { start, end }: Span): boolean {
  return bytes[start - 1] === 0 && end - start === 8
}
