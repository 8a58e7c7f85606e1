import { ascii } from '../bytes/ascii.ts'
import { createJsonWalker, hasNewline, notAnObject } from '../bytes/json-walker.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import type { HintWatch } from '../contracts/hints.ts'
import type { Places } from '../contracts/places.ts'
import { shape, type AccessFields, type Shape } from '../contracts/verdict.ts'
import { createPlainAccess } from '../formats/apache-access.ts'
import { levelKeys } from '../formats/json-log.ts'
import { isBlankSaid } from '../formats/php-fpm.ts'
import type { IsAppError } from './app-errors.ts'
import { brokenKeyBits } from './broken-keys.ts'

/** Tells the shape of lines. Allocates nothing per line. */
export interface LineShape {
  shapeOf (bytes: Buffer, start: number, end: number): Shape
  /** Where the fields of the line lie that was told to be of shape `plainAccess` last. */
  readonly access: AccessFields | undefined
}

/** Names of top-level keys. A line needs one of each list to be an access line. */
export interface AccessKeys {
  readonly statusKeys: readonly string[]
  readonly requestKeys: readonly string[]
}

/** Takes the places of values from the walk over each line. */
export interface NotedValues {
  readonly slotByKey: ReadonlyMap<string, number>
  readonly places: Places
}

/** As `access.format` says: `json` knows only JSON, the plain formats only themselves, `auto` all. */
export type AccessFormat = 'auto' | 'json' | 'common' | 'combined' | 'vhost_combined'

const bothBits = 0b11

export interface LineShapeOptions extends AccessKeys {
  readonly format: AccessFormat
  /** For those who ask for the values of lines; without it none are noted. */
  readonly values?: NotedValues | undefined
  /** Is told of what redaction looks for in lines of JSON. */
  readonly watch?: HintWatch | undefined
  /** Asked about each line that is no access line; unless given, none of them is an error. */
  readonly isAppError?: IsAppError | undefined
}

export function createLineShape ({ format, values, watch, isAppError, ...accessKeys }: LineShapeOptions): LineShape {
  const plain = format === 'json' ? undefined : createPlainAccess(format)
  const isJsonKnown = format === 'json' || format === 'auto'
  const groups = isJsonKnown ? [accessKeys.statusKeys, accessKeys.requestKeys] : [[], []]
  const keys = createKeyTable(groups)
  const walked = createKeyTable(isAppError === undefined ? groups : [...groups, levelKeys], values?.slotByKey)
  const walk = createJsonWalker({ keys: walked, places: values?.places, watch })

  return {
    access: plain,
    shapeOf (bytes, start, end) {
      if (start >= end) return shape.empty
      const verdict = walk(bytes, start, end)
      if (verdict === bothBits) return shape.access
      if (isOneLine(verdict)) {
        const isError = isAppError?.(bytes, start, end, true) === true
        const isAccess = (verdict & bothBits) === bothBits
        if (isAccess && !(isError && hasNoStatus(bytes.toString('utf8', start, end), accessKeys.statusKeys))) return shape.access
        return isError ? shape.appError : shape.json
      }
      const bits = verdict === notAnObject ? brokenKeyBits(keys, bytes, start, end) : verdict & bothBits
      if (bits === bothBits) return shape.brokenAccess
      if (plain?.read(bytes, start, end) === true) return shape.plainAccess
      if (plain?.isTorn === true) return shape.brokenAccess
      const found = textOrEmpty(bytes, start, end)
      return found === shape.text && isAppError?.(bytes, start, end, false) === true ? shape.appError : found
    },
  }
}

/** Whether the status that a valid object names is a word: of a payment that `failed`, say, not of a response. */
function hasNoStatus (json: string, statusKeys: readonly string[]): boolean {
  const object = JSON.parse(json) as Readonly<Record<string, unknown>>
  return statusKeys.every(key => {
    const value = Object.hasOwn(object, key) ? object[key] : ''
    return typeof value === 'string' && !/\d|^-$/.test(value)
  })
}

function textOrEmpty (bytes: Uint8Array, start: number, end: number): Shape {
  let at = start
  while (at < end && (bytes[at] as number) <= ascii.space) at++
  return at === end ? shape.empty : shape.text
}

function isOneLine (verdict: number): boolean {
  return verdict !== notAnObject && (verdict & hasNewline) === 0
}

/** With one of these an object is a record of a logger, whatever else it holds. */
const logKeys = ['level', 'level_name', 'severity', 'log.level', 'loglevel', 'log_level', 'lvl', 'levelname', 'message', 'msg', 'error', 'exception']

/** The shape of lines of standard error: php-fpm's access lines, in its own format or in JSON, and all others. */
export function createErrorShape ({ values, watch, ...accessKeys }: Omit<LineShapeOptions, 'format'>): LineShape {
  const plain = createPlainAccess('php_fpm')
  const keys = createKeyTable([accessKeys.statusKeys, accessKeys.requestKeys, logKeys], values?.slotByKey)
  const walk = createJsonWalker({ keys, places: values?.places, watch })
  return {
    access: plain,
    shapeOf (bytes, start, end) {
      if (start >= end) return shape.empty
      if (bytes[start] === ascii.openBrace) {
        const verdict = walk(bytes, start, end)
        if (verdict === bothBits) return shape.access
        return isOneLine(verdict) ? shape.json : shape.text
      }
      if (plain.read(bytes, start, end)) return shape.plainAccess
      return isBlankSaid(bytes, start, end) ? shape.empty : textOrEmpty(bytes, start, end)
    },
  }
}
