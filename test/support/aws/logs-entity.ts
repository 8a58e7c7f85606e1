import { constraint, isMap, wrongType } from './logs-members.ts'
import type { Members } from './logs-members.ts'

export interface LogEntity {
  readonly keyAttributes: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, string>>
}

/** Which key attributes a type needs besides, as the guide has it. */
const neededBy: Readonly<Record<string, readonly string[]>> = {
  Service: ['Name', 'Environment'],
  RemoteService: ['Name'],
  'AWS::Service': ['Name'],
  Resource: ['ResourceType', 'Identifier'],
  'AWS::Resource': ['ResourceType', 'Identifier'],
}
const keyNames = ['Type', 'ResourceType', 'Identifier', 'Name', 'Environment']

/**
 * Reads the entity of a PutLogEvents. A wrong shape refuses the whole call, as any member out of its bounds does.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Entity.html
 *
 * @throws AwsError `InvalidParameterException`, or `SerializationException` for a wrong type
 */
export function readEntity (members: Members): LogEntity | undefined {
  const entity = members.structure('entity')
  if (entity === undefined) return undefined
  const { keyAttributes, attributes, ...others } = entity
  if (Object.keys(others).length > 0) throw wrongType('entity', 'an entity alone')
  return {
    keyAttributes: readTexts('entity.keyAttributes', keyAttributes, { min: 2, max: 4, keyLength: 32 }),
    attributes: readTexts('entity.attributes', attributes, { min: 0, max: 10, keyLength: 256 }),
  }
}

/**
 * What CloudWatch Logs has against an entity whose shape is right; the events are stored all the same.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/adding-your-own-related-telemetry.html, and
 * the names of the errors in API_RejectedEntityInfo. Which of them answers what is a guess.
 */
export function judgeEntity ({ keyAttributes }: LogEntity): string | undefined {
  if (!Object.keys(keyAttributes).every(name => keyNames.includes(name))) return 'InvalidKeyAttributes'
  const type = keyAttributes['Type']
  if (type === undefined) return 'MissingRequiredFields'
  const needed = Object.hasOwn(neededBy, type) ? neededBy[type] : undefined
  if (needed === undefined) return 'InvalidTypeValue'
  return needed.every(name => Object.hasOwn(keyAttributes, name)) ? undefined : 'MissingRequiredFields'
}

interface Bounds { readonly min: number, readonly max: number, readonly keyLength: number }

function readTexts (
  name: string, value: unknown, { min, max, keyLength }: Bounds
): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {}
  if (!isMap(value)) throw wrongType(name, 'a map of strings')
  const pairs = Object.entries(value)
  if (pairs.length < min) throw constraint(name, `have length greater than or equal to ${min}`)
  if (pairs.length > max) throw constraint(name, `have length less than or equal to ${max}`)
  return Object.fromEntries(pairs.map(([key, text]) => {
    if (typeof text !== 'string') throw wrongType(name, 'a map of strings')
    if (key === '' || key.length > keyLength) throw constraint(name, 'satisfy constraint on keys')
    if (text === '' || text.length > 512) throw constraint(name, 'satisfy constraint on values')
    return [key, text]
  }))
}
