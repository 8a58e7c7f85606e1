/** A bucket policy, as far as the project writes one: statements that refuse. */
export interface BucketPolicy { readonly Statement: readonly PolicyStatement[] }

export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: string
  readonly Principal: unknown
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  /** By operator and key. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What is asked, and the values of the condition keys that the request has. */
export interface PolicyQuestion {
  readonly action: string
  readonly resource: string
  readonly keys: Readonly<Record<string, string | undefined>>
}

/**
 * Whether a statement of the policy refuses the request. All of its conditions must hold, and a missing key makes
 * `Bool` false.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 *
 * @throws Error for a word that is not known here: what is not understood must not look as if it let things pass
 */
export function isRefused (policy: BucketPolicy, { action, resource, keys }: PolicyQuestion): boolean {
  return policy.Statement.some(statement => {
    const refusesAll = statement.Effect === 'Deny' && statement.Principal === '*'
    if (!refusesAll) throw new Error('expected statements that refuse everybody')
    const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, wanted]) =>
      Object.entries(wanted).map(([key, value]) => holds(operator, keys[key], value)))
    return matches(statement.Action, action) && matches(statement.Resource, resource) && conditions.every(each => each)
  })
}

function holds (operator: string, found: string | undefined, wanted: string): boolean {
  switch (operator) {
    case 'Bool': return found === wanted
    case 'Null': return String(found === undefined) === wanted
    default: throw new Error(`expected Bool or Null in a bucket policy, found ${operator}`)
  }
}

function matches (patterns: string | readonly string[], found: string): boolean {
  return [patterns].flat().some(pattern => {
    const text = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\*', '.*').replaceAll('\\?', '.')
    return new RegExp(`^${text}$`, 's').test(found)
  })
}
