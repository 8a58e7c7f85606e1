import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { Resource, Template } from './template-world.ts'

const specification = loadAwsServiceSpecSync()

type ResourceType = NonNullable<ReturnType<typeof lookUp>>
type Properties = ResourceType['properties']
type PropertyType = Properties[string]['type']

const pseudoParameters = ['AccountId', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix']
  .map(name => `AWS::${name}`)

/**
 * What is wrong with a template, one line each: by AWS's own specification of resources, names, types, words and
 * required properties; and references, conditions and parameters that are missing or not used.
 */
export function lintTemplate (template: Template): string[] {
  return new Linter(template).run()
}

class Linter {
  readonly #template: Template
  readonly #mistakes: string[] = []
  readonly #used = new Set<string>()

  constructor (template: Template) {
    this.#template = template
  }

  run (): string[] {
    const { Parameters, Conditions, Rules, Resources, Outputs } = this.#template
    this.#references(Conditions, 'Conditions')
    this.#references(Rules, 'Rules')
    this.#references(Outputs, 'Outputs')
    for (const [name, resource] of Object.entries(Resources)) this.#resource(name, resource)
    for (const name of [...Object.keys(Parameters), ...Object.keys(Conditions)]) {
      if (!this.#used.has(name)) this.#mistakes.push(`${name} is not used`)
    }
    return this.#mistakes
  }

  #resource (name: string, resource: Resource): void {
    this.#references(resource, name)
    const type = lookUp(resource.Type)
    if (type === undefined) this.#mistakes.push(`${name}: no such type: ${resource.Type}`)
    else this.#object(resource.Properties, type.properties, name)
  }

  #object (value: unknown, properties: Properties, path: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#mistakes.push(`${path}: expected an object`)
      return
    }
    for (const [name, each] of Object.entries(value)) {
      const property = properties[name]
      if (property === undefined) this.#mistakes.push(`${path}: no such property: ${name}`)
      else this.#value(each, property.type, `${path}.${name}`)
    }
    for (const [name, { required }] of Object.entries(properties)) {
      if (required === true && !(name in value)) this.#mistakes.push(`${path}: ${name} is required`)
    }
  }

  #value (value: unknown, type: PropertyType, path: string): void {
    const call = intrinsicOf(value)
    if (call?.name === 'Fn::If') {
      for (const branch of (call.argument as unknown[]).slice(1)) this.#value(branch, type, path)
      return
    }
    // What a reference stands for is known when the stack is made; that there is such a thing is checked elsewhere.
    if (call !== undefined) return
    switch (type.type) {
      case 'ref':
        return this.#object(value, specification.get('typeDefinition', type.reference).properties, path)
      case 'array':
        if (!Array.isArray(value)) return this.#expected('a list', path)
        return value.forEach((each, index) => this.#value(each, type.element, `${path}[${index}]`))
      case 'map':
        if (typeof value !== 'object' || value === null) return this.#expected('a mapping', path)
        return Object.entries(value).forEach(([key, each]) => this.#value(each, type.element, `${path}.${key}`))
      case 'union':
        if (type.types.some(each => this.#fits(value, each, path))) return
        return this.#expected('one of several types', path)
      case 'string': case 'integer':
        if (type.type === 'string' ? typeof value !== 'string' : !Number.isInteger(value)) return this.#expected(type.type, path)
        if (type.allowedValues !== undefined && !type.allowedValues.some(each => each === value)) {
          this.#expected(type.allowedValues.join(', '), path)
        }
        return
      case 'number':
        if (typeof value !== 'number') this.#expected('number', path)
        return
      case 'boolean':
        if (typeof value !== 'boolean') this.#expected('boolean', path)
        return
      case 'json':
        if (typeof value !== 'object') this.#expected('an object', path)
        return
      case 'tag': case 'date-time': case 'null':
        this.#expected('no value of a type that the template does not use yet', path)
    }
  }

  #fits (value: unknown, type: PropertyType, path: string): boolean {
    const before = this.#mistakes.length
    this.#value(value, type, path)
    return this.#mistakes.splice(before).length === 0
  }

  #expected (what: string, path: string): void {
    this.#mistakes.push(`${path}: expected ${what}`)
  }

  /** Everything that a value refers to must be there. */
  #references (value: unknown, path: string): void {
    if (Array.isArray(value)) return value.forEach(each => this.#references(each, path))
    if (typeof value !== 'object' || value === null) return
    const call = intrinsicOf(value)
    if (call?.name === 'Ref') this.#named(String(call.argument), path)
    else if (call?.name === 'Fn::GetAtt') this.#attribute(call.argument as string[], path)
    else if (call?.name === 'Fn::Sub') {
      for (const [, name = ''] of String(call.argument).matchAll(/\$\{([^}]+)\}/g)) {
        const [resource = '', ...attribute] = name.split('.')
        if (attribute.length > 0) this.#attribute([resource, attribute.join('.')], path)
        else this.#named(resource, path)
      }
    } else if (call?.name === 'Fn::If') this.#condition((call.argument as unknown[])[0], path)
    // A `Condition` beside a type or a value names one; within a policy or a rule it is something else.
    if ('Condition' in value && typeof value.Condition === 'string' && !('ContainerName' in value)) {
      this.#condition(value.Condition, path)
    }
    for (const each of Object.values(value)) this.#references(each, path)
  }

  #named (name: string, path: string): void {
    this.#used.add(name)
    const { Parameters, Resources } = this.#template
    if (name in Parameters || name in Resources || pseudoParameters.includes(name)) return
    this.#mistakes.push(`${path}: nothing is called ${name}`)
  }

  #condition (name: unknown, path: string): void {
    this.#used.add(String(name))
    if (!(String(name) in this.#template.Conditions)) this.#mistakes.push(`${path}: no condition is called ${String(name)}`)
  }

  #attribute ([name = '', attribute = '']: readonly string[], path: string): void {
    const type = this.#template.Resources[name]?.Type
    if (type === undefined) this.#mistakes.push(`${path}: no resource is called ${name}`)
    else if (lookUp(type)?.attributes[attribute] === undefined) this.#mistakes.push(`${path}: ${type} has no ${attribute}`)
  }
}

interface Intrinsic { readonly name: string, readonly argument: unknown }

function intrinsicOf (value: unknown): Intrinsic | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const [entry, ...others] = Object.entries(value)
  if (entry === undefined || others.length > 0 || !/^(Ref|Fn::\w+)$/.test(entry[0])) return undefined
  return { name: entry[0], argument: entry[1] }
}

function lookUp (type: string) {
  // Typed as if there always were one.
  return specification.lookup('resource', 'cloudFormationType', 'equals', type).at(0)
}
