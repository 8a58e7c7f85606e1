import { compilePattern } from '../pattern.ts'
import { patternOfRuby } from './pattern.ts'
import { optionsOf, plainPattern, type Section } from './sections.ts'

/** Stands for the containers that the file does not name. */
export const anyContainer = 'anycontainer'

/** Text of a tag that only a line can tell. It is the name of nothing. */
export const unknownPart = 'unknownpart'

/** Stands for the id of a task, which is 32 hexadecimal digits. */
export const anyTask = '5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e'

/** The tag that FireLens gives the lines of a container. */
export function tagOf (container: string): string {
  return `${container}-firelens-${anyTask}`
}

/** The names that Docker may give the container: on Fargate that of the task definition, on EC2 a longer one. */
export function dockerNames (container: string): readonly string[] {
  return [container, `/${container}`, `/ecs-family-1-${container}-a1b2c3d4e5f6a7b8c901`]
}

/** Compiles a pattern of Fluent Bit. undefined: it cannot be translated. */
export function regexOf (ruby: string): RegExp | undefined {
  const pattern = patternOfRuby(ruby)
  return pattern === undefined ? undefined : compilePattern(pattern)
}

/**
 * Whether the section takes what has the tag: by `Match`, where `*` stands for any characters, or by `Match_Regex`,
 * which matches from the tag's start.
 */
export function takes (section: Section, tag: string): boolean {
  const { match, match_regex: ruby } = optionsOf(section)
  return (ruby !== undefined && regexOf(`\\A(?:${ruby})`)?.test(tag) === true) || (match !== undefined && matchesGlob(tag, match))
}

export function matchesGlob (tag: string, glob: string): boolean {
  const pattern = glob.split('*').map(plainPattern).join('.*')
  return new RegExp(`^${pattern}$`, 's').test(tag)
}

const containerName = /^[A-Za-z0-9][\w-]{0,127}$/

/** Words that name a kind of lines, so what begins like them is hardly the tag of a container. */
const kindOfLines = /^(?:err|access|acc$|std|log|health|debug|info|warn|fatal|crit|audit|trace|metric|firelens)/i

/** The containers that the file names: in a `Match`, or in a rule on the name or the tag. */
export function containersOf (sections: readonly Section[]): readonly string[] {
  const made = madeTags(sections)
  const prefixes = ['', ...made.flatMap(tag => /^(.*?)\$TAG/.exec(tag)?.[1] ?? [])]
  const hasTag = (section: Section, name: string) => prefixes.some(prefix => takes(section, `${prefix}${tagOf(name)}`))
  const names = new Set<string>()
  for (const section of sections) {
    const { match = '', match_regex: ruby } = optionsOf(section)
    for (const [, name = ''] of match.matchAll(/([A-Za-z0-9][\w-]*)-firelens/g)) names.add(name)
    // `web*` names the container without the rest of the tag.
    const [, short] = /^([A-Za-z0-9][\w-]*?)-?\*+$/.exec(match) ?? []
    if (short !== undefined && !match.includes('-firelens') && !kindOfLines.test(short) && !made.some(tag => tag.startsWith(short))) names.add(short)
    if (ruby !== undefined) for (const name of namesIn(ruby, each => hasTag(section, each))) names.add(name)
    for (const { key, value } of section.entries) {
      for (const [field, text] of conditionsOf(key.toLowerCase(), value)) {
        const regex = field === 'container_name' ? regexOf(text) : undefined
        if (regex === undefined) continue
        for (const name of namesIn(text, each => dockerNames(each).some(long => regex.test(long)))) names.add(name)
      }
    }
  }
  return [...names].filter(name => containerName.test(name) && name !== anyContainer)
}

/** Tags that inputs, rules and tasks of the file give, as they are written. */
function madeTags (sections: readonly Section[]): readonly string[] {
  return sections.flatMap(section => section.entries.flatMap(({ key, value }) => {
    const word = key.toLowerCase()
    if (word === 'tag_prefix') return [`${value}$TAG`]
    if (word === 'tag') return [value]
    if (word === 'rule') return [value.split(/\s+/).at(-2) ?? '']
    return word === 'exec' ? [/\btag\s*=\s*'([^']*)'/i.exec(value)?.[1] ?? []].flat() : []
  }))
}

/** Fields and patterns of a filter's line, or of a task of the stream processor. */
function conditionsOf (key: string, value: string): readonly (readonly [string, string])[] {
  const [first = '', second = ''] = value.split(/\s+/)
  if (key === 'rule' || key === 'regex' || key === 'exclude') return [[first.replace(/^\$/, ''), second]]
  if (key !== 'exec') return []
  return [...value.matchAll(/(\w+)\s*=\s*'([^']*)'/g)].map(([, field = '', text = '']) => [field, `^/?${text}$`] as const)
}

/** Words of a pattern that decide: it takes a container of that name otherwise than one that it does not know. */
function namesIn (pattern: string, decides: (name: string) => boolean): string[] {
  const other = decides(anyContainer)
  const words = pattern.split(/[^\w-]+/).map(word => word.replace(/^-+|(?:-firelens.*|-+)$/g, ''))
  return words.filter(word => containerName.test(word) && decides(word) !== other)
}

// Tested in test/config/fluent-bit/flows.test.ts
