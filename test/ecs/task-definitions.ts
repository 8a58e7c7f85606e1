import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'

export const directory = join(import.meta.dirname, '../../docker/ecs')

export interface Shipped {
  readonly file: string
  readonly text: string
  readonly task: RegisterTaskDefinitionCommandInput
}

/** Every task definition that is shipped; that the types hold is for a test to show. */
export function shippedTasks (): Shipped[] {
  return globSync('*.json', { cwd: directory }).sort().map(file => {
    const text = readFileSync(join(directory, file), 'utf8')
    return { file, text, task: JSON.parse(text) as RegisterTaskDefinitionCommandInput }
  })
}

/** @throws Error if there is none of this name */
export function shippedTask (name: string): Shipped {
  const found = shippedTasks().find(({ file }) => file === `${name}.json`)
  if (found === undefined) throw new Error(`${name} was expected among the task definitions`)
  return found
}

export function containersOf (task: RegisterTaskDefinitionCommandInput): readonly ContainerDefinition[] {
  return task.containerDefinitions ?? []
}

/** The container that runs Sluice's image. */
export function sluiceOf (task: RegisterTaskDefinitionCommandInput): ContainerDefinition {
  const found = containersOf(task).find(({ image }) => /\/sluice:/.test(image ?? ''))
  if (found === undefined) throw new Error('a container with the image of Sluice was expected')
  return found
}

export function environmentOf (container: ContainerDefinition): Record<string, string> {
  return Object.fromEntries((container.environment ?? []).map(({ name = '', value = '' }) => [name, value]))
}
