import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scriptArguments, scriptMistake } from './arguments.ts'

/**
 * What the changelog says of the version of a tag.
 *
 * @throws Error when the tag is not that of `version`, or the changelog has no such section or nothing in it
 */
export function releaseNotes (tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) throw new Error(`expected the tag v${version}, the version of package.json, found ${tag}`)
  const sections = changelog.split(/^(?=## )/m)
  const section = sections.find(each => headingOf(each) === version)
  if (section === undefined) throw new Error(`expected a section \`## ${version}\` in CHANGELOG.md, found none`)
  const text = section.slice(section.indexOf('\n') + 1).trim()
  if (text === '') throw new Error(`expected the section of ${version} in CHANGELOG.md to say something`)
  return text
}

/** The version of a heading as Keep a Changelog has it: `## 0.1.0`, `## [0.1.0] - 2026-11-26`. */
function headingOf (section: string): string | undefined {
  return /^## \[?([^\]\s]+)\]?(?: - \d{4}-\d{2}-\d{2})?$/m.exec(section.slice(0, section.indexOf('\n')))?.[1]
}

const help = `Prints what the changelog says of the version of package.json, whose tag
this is.

  npm run -s release:notes -- v0.1.0
`

if (import.meta.main) {
  const { file: tag } = scriptArguments(help, {}, 'required', 'tag')
  const root = join(import.meta.dirname, '..')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  try {
    console.log(releaseNotes(tag, version, changelog))
  } catch (error) {
    scriptMistake((error as Error).message, help)
  }
}
