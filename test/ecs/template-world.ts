import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, type CollectionTag, type ScalarTag } from 'yaml'

export const directory = join(import.meta.dirname, '../../docker/ecs')

export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Type: string, readonly Default: unknown }>>
  readonly Conditions: Readonly<Record<string, unknown>>
  readonly Rules: unknown
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs: Readonly<Record<string, unknown>>
}

export interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly DeletionPolicy?: string
  readonly Properties: Readonly<Record<string, unknown>>
}

const shortForms = ['Ref', 'Sub', 'GetAtt', 'If', 'Not', 'Equals'] as const

/** `!Sub text` is `{ "Fn::Sub": "text" }`, and so on: the long forms are what CloudFormation itself reads. */
const tags = shortForms.flatMap((name): Array<ScalarTag | CollectionTag> => {
  const key = name === 'Ref' ? name : `Fn::${name}`
  return [
    { tag: `!${name}`, resolve: (text: string) => ({ [key]: name === 'GetAtt' ? text.split('.') : text }) },
    {
      tag: `!${name}`,
      collection: 'seq',
      resolve: sequence => ({ [key]: (sequence as unknown as { toJSON (): unknown }).toJSON() }),
    },
  ]
})

/** Reads a template with its short forms as long ones. */
export function readTemplate (text: string): Template {
  return parse(text, { customTags: tags }) as Template
}

export function shippedTemplateText (): string {
  return readFileSync(join(directory, 'sluice.yaml'), 'utf8')
}

/** A value of the template with its references filled in, by what `!Ref` or `!GetAtt` names: `Bucket`, `Bucket.Arn`. */
export function resolved (value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map(each => resolved(each, names))
  if (typeof value !== 'object' || value === null) return value
  const fill = (name: string): string => {
    const found = names[name]
    if (found === undefined) throw new Error(`expected a value for ${name}`)
    return found
  }
  const [[key, argument] = ['', undefined], ...others] = Object.entries(value)
  if (others.length === 0) {
    if (key === 'Ref') return fill(String(argument))
    if (key === 'Fn::GetAtt') return fill((argument as string[]).join('.'))
    if (key === 'Fn::Sub') return String(argument).replace(/\$\{([^}]+)\}/g, (_, name: string) => fill(name))
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each, names)]))
}
