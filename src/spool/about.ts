import { join } from 'node:path'
import { jsonOf, membersOf } from '../bytes/json-value.ts'
import { textIfThere, type Disk } from './disk.ts'

/** What a directory's lines belong to: who may take them over, and by which names they go. */
export interface About {
  /** Where the lines of each route go, and of which service they are: what `isSameDestination` compares. */
  readonly destinations: Readonly<Record<string, string>>
  /** Values of `{task}`, `{cluster}`, … in keys and stream names. */
  readonly names: Readonly<Record<string, string>>
}

/** Writes the record of `directory`, unless it says so already. */
export async function writeAbout (disk: Disk, directory: string, about: About): Promise<void> {
  const text = `${JSON.stringify({ destinations: sorted(about.destinations), names: sorted(about.names) }, null, 2)}\n`
  if (await textIfThere(disk, aboutPath(directory)) !== text) await disk.replaceText(aboutPath(directory), text)
}

/** undefined when there is none, or none that can be understood. */
export async function readAbout (disk: Disk, directory: string): Promise<About | undefined> {
  const text = await textIfThere(disk, aboutPath(directory))
  const { destinations, names } = membersOf(jsonOf(text ?? ''))
  // What was not written by us: whoever wrote it, its lines are not for us to send.
  return isWords(destinations) && isWords(names) ? { destinations, names } : undefined
}

export async function removeAbout (disk: Disk, directory: string): Promise<void> {
  await disk.remove(aboutPath(directory))
}

/**
 * True when what lies in `theirs` may be delivered by a process of `ours`: each of its routes leads to the same place
 * there. That ours has further routes, as after a setting that adds one, is no obstacle: nothing of theirs is in them.
 */
export function isSameDestination (theirs: About, ours: About): boolean {
  return Object.entries(theirs.destinations).every(([name, place]) => ours.destinations[name] === place)
}

function aboutPath (directory: string): string {
  return join(directory, 'about.json')
}

function isWords (value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every(word => typeof word === 'string')
}

function sorted (words: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(words).sort(([one], [other]) => one < other ? -1 : 1))
}
