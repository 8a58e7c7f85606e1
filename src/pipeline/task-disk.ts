import type { Route } from './routes.ts'

/** Lines that are delivered to the disk of an ECS task. */
export interface TaskDisk {
  readonly routes: readonly string[]
  /** What to do. */
  readonly advice: string
  /** All of it in a sentence. */
  readonly words: string
}

const variables = { objects: 'SLUICE_BUCKET', events: 'SLUICE_LOG_GROUP' } as const

/** What every line about it says. */
export const taskDiskMessage = 'lines are delivered to files on ECS: the disk of a task ends with the task'

/** What goes to files, where that is the disk of an ECS task; undefined when nothing does. */
export function taskDiskOf (routes: readonly Route[]): TaskDisk | undefined {
  const files = routes.filter(({ destination }) => destination.sink === 'file')
  if (files.length === 0) return undefined
  const names = files.map(({ name }) => name)
  const missing = [...new Set(files.map(({ kind }) => variables[kind]))]
  const advice = `set ${missing.join(' and ')}, unless file.directory is on a volume that outlives it`
  return { routes: names, advice, words: `${taskDiskMessage} (${names.join(', ')}): ${advice}` }
}
