import { formatAddress, hasHighPort, maxPort, meantAddress, parseAddress } from './address.ts'
import { allowedOf, itemWords } from './allowed.ts'
import { parseNetwork } from './network.ts'
import { isPattern, tryLinearPattern } from './pattern.ts'
import type { ListSetting, Setting, SettingValue } from './setting.ts'
import { suggest, suggestWord } from './suggest.ts'
import { formatDuration, formatSize, meantDuration, meantSize, parseDuration, parseSize } from './units.ts'

/** One value as it was written. */
export interface Scalar {
  readonly value: string | number | boolean | null
  /** The characters as written, since YAML turns `0777` and `007` into other numbers. */
  readonly text: string
}

export type Parsed =
  | { readonly kind: 'value', readonly value: SettingValue }
  /** Well formed, but not among those that AWS has today. `meant` is the nearest of those. */
  | { readonly kind: 'unknown', readonly value: SettingValue, readonly meant: string | undefined }
  /** Not valid. `allowed` says what is, and `meant` what was probably meant. */
  | {
    readonly kind: 'mistake'
    readonly allowed: string
    readonly meant?: string | undefined
    /** Which part of it is wrong. */
    readonly detail?: string | undefined
  }

type ScalarSetting = Exclude<Setting, { readonly type: 'list' }>
type Of<Type extends Setting['type']> = Extract<Setting, { readonly type: Type }>

/** Reads one value of `setting`. Never throws, and never turns an invalid value into a valid one. */
export function parseScalar (setting: ScalarSetting, scalar: Scalar): Parsed {
  const parsed = parse(setting, scalar)
  const text = plainText(scalar.text)
  if (parsed.kind !== 'mistake' || parsed.meant !== undefined || text === scalar.text) return parsed
  const isMeant = parse(setting, { value: text, text }).kind === 'value'
  return { ...parsed, meant: isMeant ? text : undefined }
}

/** With characters of half width, and without the quotes of a word processor. */
function plainText (text: string): string {
  return text.normalize('NFKC').replace(/^[\s"'\u2018\u2019\u201c\u201d\u300c]+|[\s"'\u2018\u2019\u201c\u201d\u300d]+$/gu, '')
}

function parse (setting: ScalarSetting, scalar: Scalar): Parsed {
  const mistake = (meant?: string): Parsed => ({ kind: 'mistake', allowed: allowedOf(setting), meant })
  const { value, text } = scalar
  if ('canBeOff' in setting && (text.toLowerCase() === 'off' || value === false)) return found('off')
  // YAML's own words (null, true, false) are not text. Numbers are, as they were written.
  const isWord = value === null || typeof value === 'boolean'
  if (isWord && setting.type !== 'boolean') return mistake()
  switch (setting.type) {
    case 'boolean': return parseBoolean(scalar) ?? mistake(suggest(text, ['true', 'false']))
    case 'integer': return parseInteger(setting, scalar) ?? mistake()
    case 'mode': return /^(?:0o?)?[0-7]{3,4}$/.test(text) ? found(parseInt(text.replace('o', ''), 8)) : mistake()
    case 'string': return parseText(setting, text) ?? mistake(setting.meant?.(text) ?? meantWord(setting.known, text))
    case 'path': return isPath(setting, text) ? found(text) : mistake()
    case 'template': return parseTemplate(setting, text)
    case 'choice': return parseChoice(setting, text) ?? mistake(suggestWord(text, setting.choices))
    case 'size': return within(setting, parseSize(text), parseSize) ?? mistake(bounded(setting, meantSize(text)))
    case 'duration':
      return within(setting, parseDuration(text), parseDuration) ?? mistake(bounded(setting, meantDuration(text)))
    case 'address': {
      const address = parseAddress(text)
      if (address !== undefined) return found(Object.freeze(address))
      return { ...mistake(meantAddress(text, setting.default)), ...(hasHighPort(text) && { detail: `a port is at most ${maxPort}` }) }
    }
  }
}

/** Reads one item of a list: it is not empty, and as the list wants it. */
export function parseListItem (setting: ListSetting, { value, text }: Scalar): Parsed {
  const { choices, pattern, known } = setting
  const isText = value !== null && typeof value !== 'boolean' && text !== ''
  const isGood = (setting.isRegex !== true || isPattern(text)) &&
    (setting.isLinear !== true || tryLinearPattern(text) !== undefined) &&
    (setting.isNetwork !== true || parseNetwork(text) !== undefined)
  const isAllowed = isText && isGood && choices?.includes(text) !== false && pattern?.test(text) !== false
  if (isAllowed) return known?.test(text) === false ? unknown(text) : found(text)
  return { kind: 'mistake', allowed: itemWords(setting), meant: isText ? suggestWord(text, choices ?? []) : undefined }
}

/** The part that no other item may have; undefined if items may be equal. */
export function uniquePart ({ unique }: ListSetting, item: string): string | undefined {
  if (unique === undefined) return undefined
  return unique === 'key' ? item.slice(0, item.indexOf('=')) : item
}

/** The default of a setting, as a value. */
export function defaultOf (setting: Setting): SettingValue {
  if (setting.type === 'list') {
    const isGood = setting.default.every(text => parseListItem(setting, { value: text, text }).kind === 'value')
    if (!isGood) throw new TypeError(`a default is not among ${allowedOf(setting)}`)
    return Object.freeze([...setting.default])
  }
  const parsed = parseScalar(setting, { value: setting.default, text: String(setting.default) })
  if (parsed.kind !== 'value') throw new TypeError(`a default is not among ${allowedOf(setting)}`)
  return parsed.value
}

/** The value as an operator writes it. A list is its items with commas between them. */
export function formatValue (setting: Setting, value: SettingValue): string {
  if (typeof value === 'object') return 'host' in value ? formatAddress(value) : value.join(',')
  if (typeof value !== 'number') return String(value)
  if (setting.type === 'size') return formatSize(value)
  if (setting.type === 'duration') return formatDuration(value)
  return setting.type === 'mode' ? `0${value.toString(8).padStart(3, '0')}` : String(value)
}

function found (value: SettingValue): Parsed {
  return { kind: 'value', value }
}

function unknown (value: SettingValue, meant?: string): Parsed {
  return { kind: 'unknown', value, meant }
}

function parseText ({ pattern, known }: Of<'string'>, text: string): Parsed | undefined {
  if (pattern?.test(text) === false) return undefined
  const isKnown = text === '' || (known instanceof RegExp ? known.test(text) : known?.includes(text) ?? true)
  return isKnown ? found(text) : unknown(text, meantWord(known, text))
}

function meantWord (known: Of<'string'>['known'], text: string): string | undefined {
  return known === undefined || known instanceof RegExp ? undefined : suggest(text, known)
}

function parseChoice ({ choices, others, words }: Of<'choice'>, text: string): Parsed | undefined {
  if (choices.includes(text)) return found(text)
  const choice = words?.get(text.toLowerCase())
  if (choice !== undefined) return found(choice)
  return others?.test(text) === true ? unknown(text, suggestWord(text, choices)) : undefined
}

/** A text with only placeholders that can be filled in and every required one; else what is wrong with it. */
function parseTemplate (setting: Of<'template'>, text: string): Parsed {
  const { names, required } = setting
  const rest = text.replace(/\{(\w+)\}/g, (whole, name: string) => names.includes(name) ? '' : whole)
    .replace(/%[YmdH%]/g, '')
  const [wrong, name] = /\{(\w*)\}|%.?|[{}]|\p{Cc}/su.exec(rest) ?? []
  const missing = required.find(each => !text.includes(`{${each}}`))
  if (text !== '' && wrong === undefined && missing === undefined) return found(text)
  const meantName = name === undefined ? undefined : suggest(name, names)
  return {
    kind: 'mistake',
    allowed: allowedOf(setting),
    meant: wrong === undefined || meantName === undefined ? undefined : text.replace(wrong, `{${meantName}}`),
    detail: text === '' ? undefined : templateFault(wrong, name, missing),
  }
}

function templateFault (wrong: string | undefined, name: string | undefined, missing: string | undefined): string {
  if (wrong === undefined) return `{${missing ?? ''}} is missing`
  return name === undefined ? `${JSON.stringify(wrong)} stands for nothing` : `no placeholder is called ${wrong}`
}

function parseBoolean ({ value, text }: Scalar): Parsed | undefined {
  if (typeof value === 'boolean') return found(value)
  const word = text.toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(word)) return found(true)
  return ['false', 'no', 'off', '0'].includes(word) ? found(false) : undefined
}

function parseInteger ({ min, max, values, others }: Of<'integer'>, { value, text }: Scalar): Parsed | undefined {
  const number = typeof value === 'number' ? value : /^[+-]?\d+$/.test(text) ? Number(text) : NaN
  if (!Number.isInteger(number) || number < min || number > max) return undefined
  if (values?.includes(number) ?? true) return found(number)
  return others === undefined ? undefined : unknown(number, nearest(number, values ?? []))
}

function nearest (number: number, values: readonly number[]): string | undefined {
  return values.toSorted((a, b) => Math.abs(a - number) - Math.abs(b - number))[0]?.toString()
}

type Bounded = Of<'size'> | Of<'duration'>

function within (
  { min, max }: Bounded, value: number | undefined, parse: (text: string) => number | undefined
): Parsed | undefined {
  if (value === undefined || value < (parse(min) ?? 0) || value > (parse(max) ?? 0)) return undefined
  return found(value)
}

/** A suggestion that is itself out of bounds would not help. */
function bounded (setting: Bounded, meant: string | undefined): string | undefined {
  if (meant === undefined) return undefined
  const parse = setting.type === 'size' ? parseSize : parseDuration
  return within(setting, parse(meant), parse) === undefined ? undefined : meant
}

function isPath ({ maxLength = 4095, canBeEmpty }: Of<'path'>, text: string): boolean {
  return (text !== '' || canBeEmpty === true) && !text.includes('\0') && Buffer.byteLength(text) <= maxLength
}
