import { formatAddress, meantAddress, parseAddress } from './address.ts'
import { isPattern } from './pattern.ts'
import type { ListSetting, Setting, SettingValue } from './setting.ts'
import { suggest } from './suggest.ts'
import { checkTemplate } from './template.ts'
import { formatDuration, formatSize, meantDuration, meantSize, parseDuration, parseSize } from './units.ts'

/** One value as it was written, before anybody knows what it should be. */
export interface Scalar {
  readonly value: string | number | boolean | null
  /** The characters themselves: `0777` and `007` are not what YAML makes of them. */
  readonly text: string
}

export type Parsed =
  | { readonly kind: 'value', readonly value: SettingValue }
  /** Not understood: what would have been, and what was probably meant. */
  | { readonly kind: 'mistake', readonly allowed: string, readonly meant?: string | undefined }

type ScalarSetting = Exclude<Setting, { readonly type: 'list' }>
type Of<Type extends Setting['type']> = Extract<Setting, { readonly type: Type }>

/** Reads one value as `setting` wants it. Never throws, never changes what it cannot understand into something else. */
export function parseScalar (setting: ScalarSetting, scalar: Scalar): Parsed {
  const mistake = (meant?: string): Parsed => ({ kind: 'mistake', allowed: allowedOf(setting), meant })
  const { value, text } = scalar
  if ('canBeOff' in setting && (text.toLowerCase() === 'off' || value === false)) return found('off')
  // Words of YAML (null, true, false) are no text; numbers are, as they were written.
  const isWord = value === null || typeof value === 'boolean'
  if (isWord && setting.type !== 'boolean') return mistake()
  switch (setting.type) {
    case 'boolean': return parseBoolean(scalar) ?? mistake(suggest(text, ['true', 'false']))
    case 'integer': return parseInteger(setting, scalar) ?? mistake()
    case 'mode': return /^(?:0o?)?[0-7]{3,4}$/.test(text) ? found(parseInt(text.replace('o', ''), 8)) : mistake()
    case 'string': return setting.pattern?.test(text) === false ? mistake() : found(text)
    case 'path': return isPath(setting, text) ? found(text) : mistake()
    case 'template': return checkTemplate(setting, text) ? found(text) : mistake()
    case 'choice': return setting.choices.includes(text) ? found(text) : mistake(suggest(text, setting.choices))
    case 'size': return within(setting, parseSize(text), parseSize) ?? mistake(bounded(setting, meantSize(text)))
    case 'duration':
      return within(setting, parseDuration(text), parseDuration) ?? mistake(bounded(setting, meantDuration(text)))
    case 'address': {
      const address = parseAddress(text)
      return address === undefined ? mistake(meantAddress(text, setting.default)) : found(Object.freeze(address))
    }
  }
}

/** Reads one item of a list: text that is not empty, and what the list says of its items. */
export function parseListItem (setting: ListSetting, { value, text }: Scalar): Parsed {
  const { choices, pattern } = setting
  const isText = value !== null && typeof value !== 'boolean' && text !== ''
  const isGood = setting.isRegex !== true || isPattern(text)
  const isAllowed = isText && isGood && choices?.includes(text) !== false && pattern?.test(text) !== false
  if (isAllowed) return found(text)
  return { kind: 'mistake', allowed: itemWords(setting), meant: isText ? suggest(text, choices ?? []) : undefined }
}

/** What an item may not have in common with another; undefined where any two may be alike. */
export function uniquePart ({ unique }: ListSetting, item: string): string | undefined {
  if (unique === undefined) return undefined
  return unique === 'key' ? item.slice(0, item.indexOf('=')) : item
}

/** The value that a setting has when nobody says anything. */
export function defaultOf (setting: Setting): SettingValue {
  if (setting.type === 'list') {
    const isGood = setting.default.every(text => parseListItem(setting, { value: text, text }).kind === 'value')
    if (!isGood) throw new TypeError(`a default is not among ${allowedOf(setting)}`)
    return Object.freeze([...setting.default])
  }
  const parsed = parseScalar(setting, { value: setting.default, text: String(setting.default) })
  if (parsed.kind === 'mistake') throw new TypeError(`a default is not among ${parsed.allowed}`)
  return parsed.value
}

/** The value as an operator writes it; a list as its items with commas. */
export function formatValue (setting: Setting, value: SettingValue): string {
  if (typeof value === 'object') return 'host' in value ? formatAddress(value) : value.join(',')
  if (typeof value !== 'number') return String(value)
  if (setting.type === 'size') return formatSize(value)
  if (setting.type === 'duration') return formatDuration(value)
  return setting.type === 'mode' ? `0${value.toString(8).padStart(3, '0')}` : String(value)
}

/** What a setting takes, in words. */
export function allowedOf (setting: Setting): string {
  const off = 'canBeOff' in setting && setting.canBeOff === true ? ' or `off`' : ''
  switch (setting.type) {
    case 'string': return setting.allowed ?? 'text'
    case 'template': return templateWords(setting)
    case 'boolean': return '`true` or `false`'
    case 'integer': return setting.values?.join(', ') ?? `a whole number from ${setting.min} to ${setting.max}`
    case 'size': return `a size from ${setting.min} to ${setting.max}${off}`
    case 'duration': return `a duration with its unit from ${setting.min} to ${setting.max}`
    case 'choice': return setting.choices.map(choice => `\`${choice}\``).join(', ')
    case 'address': return `\`host:port\`, \`[ipv6]:port\`${off}`
    case 'path':
      return `a path${setting.maxLength === undefined ? '' : ` of up to ${setting.maxLength} bytes`}${off}`
    case 'mode': return 'permissions in octal'
    case 'list': return listWords(setting)
  }
}

function itemWords ({ choices, allowed }: ListSetting): string {
  return choices?.map(choice => `\`${choice}\``).join(', ') ?? allowed ?? 'text'
}

function listWords (setting: ListSetting): string {
  const { choices, allowed, maxItems, unique } = setting
  const items = choices === undefined && allowed === undefined ? 'texts' : itemWords(setting)
  const most = maxItems === undefined ? '' : `, at most ${maxItems}`
  const once = unique === undefined ? '' : `, no ${unique} twice`
  return `a list of ${items}${most}${once}`
}

function templateWords ({ names, required }: Of<'template'>): string {
  const braced = (all: readonly string[]) => all.map(name => `{${name}}`).join(', ')
  const needs = required.length === 0 ? '' : `, with ${braced(required)} in it`
  return `text with ${braced(names)}, %Y, %m, %d, %H${needs}`
}

function found (value: SettingValue): Parsed {
  return { kind: 'value', value }
}

function parseBoolean ({ value, text }: Scalar): Parsed | undefined {
  if (typeof value === 'boolean') return found(value)
  const word = text.toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(word)) return found(true)
  return ['false', 'no', 'off', '0'].includes(word) ? found(false) : undefined
}

function parseInteger ({ min, max, values }: Of<'integer'>, { value, text }: Scalar): Parsed | undefined {
  const number = typeof value === 'number' ? value : /^[+-]?\d+$/.test(text) ? Number(text) : NaN
  const isIn = Number.isInteger(number) && number >= min && number <= max && (values?.includes(number) ?? true)
  return isIn ? found(number) : undefined
}

type Bounded = Of<'size'> | Of<'duration'>

function within (
  { min, max }: Bounded, value: number | undefined, parse: (text: string) => number | undefined
): Parsed | undefined {
  if (value === undefined || value < (parse(min) ?? 0) || value > (parse(max) ?? 0)) return undefined
  return found(value)
}

/** A suggestion that is itself out of bounds helps nobody. */
function bounded (setting: Bounded, meant: string | undefined): string | undefined {
  if (meant === undefined) return undefined
  const parse = setting.type === 'size' ? parseSize : parseDuration
  return within(setting, parse(meant), parse) === undefined ? undefined : meant
}

function isPath ({ maxLength = 4095, canBeEmpty }: Of<'path'>, text: string): boolean {
  return (text !== '' || canBeEmpty === true) && !text.includes('\0') && Buffer.byteLength(text) <= maxLength
}
