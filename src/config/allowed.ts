import type { ListSetting, Setting } from './setting.ts'

/** What a setting takes, in words. */
export function allowedOf (setting: Setting): string {
  const off = 'canBeOff' in setting && setting.canBeOff === true ? ' or `off`' : ''
  switch (setting.type) {
    case 'string': return setting.allowed ?? 'text'
    case 'template': return templateWords(setting)
    case 'boolean': return '`true` or `false`'
    case 'integer': return integerWords(setting)
    case 'size': return `a size from ${setting.min} to ${setting.max}${off}`
    case 'duration': return `a duration with its unit from ${setting.min} to ${setting.max}${off}`
    case 'choice': {
      const words = setting.words === undefined ? '' : ', or another name of one of them'
      return `${quoted(setting.choices)}${words}${setting.others === undefined ? '' : ', or a newer one of AWS'}`
    }
    case 'address': return `\`host:port\`, \`[ipv6]:port\`${off}`
    case 'path':
      return `a path${setting.maxLength === undefined ? '' : ` of up to ${setting.maxLength} bytes`}${off}`
    case 'mode': return 'permissions in octal'
    case 'list': return listWords(setting)
  }
}

/** What one item of a list is, in words. */
export function itemWords ({ choices, allowed }: ListSetting): string {
  return choices === undefined ? allowed ?? 'text' : quoted(choices)
}

function integerWords ({ min, max, values, others }: Extract<Setting, { readonly type: 'integer' }>): string {
  const range = `a whole number from ${min} to ${max}`
  if (values === undefined) return range
  return `${values.join(', ')}${others === undefined ? '' : `, or ${range} that AWS takes too`}`
}

function listWords (setting: ListSetting): string {
  const { choices, allowed, maxItems, unique } = setting
  const items = choices === undefined && allowed === undefined ? 'texts' : itemWords(setting)
  const most = maxItems === undefined ? '' : `, at most ${maxItems}`
  const once = unique === undefined ? '' : `, no ${unique} twice`
  return `a list of ${items}${most}${once}`
}

function templateWords ({ names, required }: Extract<Setting, { readonly type: 'template' }>): string {
  const braced = (all: readonly string[]) => all.map(name => `{${name}}`).join(', ')
  const needs = required.length === 0 ? '' : `, with ${braced(required)} in it`
  return `text with ${braced(names)}, %Y, %m, %d, %H${needs}`
}

function quoted (words: readonly string[]): string {
  return words.map(word => `\`${word}\``).join(', ')
}
