import { AwsError } from './wire.ts'

export interface TextRule {
  readonly minLength?: number
  readonly maxLength: number
  readonly pattern?: RegExp
}

/**
 * The members of one request, each checked as it is read. What the service would call a wrong type or a broken
 * constraint is thrown in its words, and is a breach; the values themselves are never in the message.
 */
export interface Members {
  text (name: string, rule: TextRule): string | undefined
  requiredText (name: string, rule: TextRule): string
  integer (name: string, min: number, max: number): number | undefined
  flag (name: string): boolean | undefined
  list (name: string, min: number, max: number): readonly unknown[]
  /** A map of text to text. */
  map (name: string): Readonly<Record<string, string>>
  /** A structure, whose own members are the caller's to check. */
  structure (name: string): Readonly<Record<string, unknown>> | undefined
  /** Members that nothing asked for: no official client sends any. */
  unread (): readonly string[]
}

export function invalidParameter (message: string, breach = 'parameter'): AwsError {
  return new AwsError(400, 'InvalidParameterException', message, { breach })
}

export function constraint (name: string, rule: string): AwsError {
  return invalidParameter(`1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must ${rule}`, name)
}

export function wrongType (name: string, expected: string): AwsError {
  return new AwsError(400, 'SerializationException', `${name} is not ${expected}`, { breach: 'type' })
}

export function isMap (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws AwsError `SerializationException` when the body is not a JSON object in UTF-8 */
export function readMembers (body: Buffer): Members {
  const input = parse(body)
  const read = new Set<string>()

  function take (name: string): unknown {
    read.add(name)
    return input[name] ?? undefined
  }

  const members: Members = {
    text (name, rule) {
      const value = take(name)
      if (value === undefined) return undefined
      if (typeof value !== 'string') throw wrongType(name, 'a string')
      checkText(name, value, rule)
      return value
    },
    requiredText (name, rule) {
      const value = members.text(name, rule)
      if (value === undefined) throw constraint(name, 'not be null')
      return value
    },
    integer (name, min, max) {
      const value = take(name)
      if (value === undefined) return undefined
      if (!Number.isSafeInteger(value)) throw wrongType(name, 'an integer')
      const integer = Number(value)
      if (integer < min) throw constraint(name, `have value greater than or equal to ${min}`)
      if (integer > max) throw constraint(name, `have value less than or equal to ${max}`)
      return integer
    },
    flag (name) {
      const value = take(name)
      if (value === undefined || typeof value === 'boolean') return value
      throw wrongType(name, 'a boolean')
    },
    list (name, min, max) {
      const value = take(name)
      if (value === undefined) throw constraint(name, 'not be null')
      if (!Array.isArray(value)) throw wrongType(name, 'a list')
      if (value.length < min) throw constraint(name, `have length greater than or equal to ${min}`)
      if (value.length > max) throw constraint(name, `have length less than or equal to ${max}`)
      return value
    },
    map (name) {
      const value = take(name)
      if (value === undefined) return {}
      if (!isMap(value) || !Object.values(value).every(item => typeof item === 'string')) {
        throw wrongType(name, 'a map of strings')
      }
      return value as Readonly<Record<string, string>>
    },
    structure (name) {
      const value = take(name)
      if (value !== undefined && !isMap(value)) throw wrongType(name, 'a structure')
      return value
    },
    unread: () => Object.keys(input).filter(name => !read.has(name)),
  }
  return members
}

function checkText (name: string, value: string, { minLength = 1, maxLength, pattern }: TextRule): void {
  if (value.length < minLength) throw constraint(name, `have length greater than or equal to ${minLength}`)
  if (value.length > maxLength) throw constraint(name, `have length less than or equal to ${maxLength}`)
  if (pattern?.test(value) === false) throw constraint(name, `satisfy regular expression pattern: ${pattern.source}`)
}

function parse (body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (isMap(value)) return value
  } catch {
    // Neither UTF-8 nor JSON: the same refusal as for JSON of another shape.
  }
  throw new AwsError(400, 'SerializationException', 'the body is not a JSON object in UTF-8', { breach: 'body' })
}
