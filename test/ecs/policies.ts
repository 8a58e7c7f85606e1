import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const directory = join(import.meta.dirname, '../../docker/ecs')

export interface Statement {
  readonly Sid?: string
  readonly Effect: string
  readonly Principal?: unknown
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: unknown
}

export interface Policy { readonly Version: string, readonly Statement: readonly Statement[] }

/** Every policy that is shipped, by the name of its file without the ending. */
export function shippedPolicies (): ReadonlyMap<string, Policy> {
  return new Map(globSync('iam/*.json', { cwd: directory }).sort().map(file => {
    const policy = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Policy
    return [file.replace(/^iam\/|\.json$/g, ''), policy] as const
  }))
}

export function actionsOf (policies: Iterable<Policy>): string[] {
  return [...new Set([...policies].flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)))].sort()
}
