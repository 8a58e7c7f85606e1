import { resolve } from 'node:path'
import { routeClasses } from '../contracts/verdict.ts'
import { excerpt, type Mistake } from './mistake.ts'
import type { Config } from './settings.ts'

/** What an instance keeps in its directory, `{dataDir}/{hostId}`, besides files that are delivered. */
const kept: Readonly<Record<string, string>> = { spool: 'segments', 'dead-letter': 'dead letters' }

/** Where files may be delivered, below the directory for them. */
interface FileName {
  readonly template: string
  readonly prefix: string
  /** The settings that say so. */
  readonly path: string
  readonly prefixPath: string
}

/**
 * Names of delivered files that lead elsewhere: out of their directory, or among what the spool keeps, which they would
 * write over. No later start could mend that, so nothing starts.
 *
 * @param places where each setting was given, by its path
 */
export function placeMistakes (config: Config, places: ReadonlyMap<string, string>): Mistake[] {
  const mistakes: Mistake[] = []
  const wrong = (path: string, problem: string, allowed: string) => {
    mistakes.push({ where: places.get(path) ?? path, path, problem, allowed })
  }
  const { dataDir, file: { directory } } = config
  const keys = keysOf(config)
  for (const { template, prefix, path, prefixPath } of keys) {
    if (!partsOf(template.replace('{prefix}', prefix)).includes('..')) continue
    const isKey = partsOf(template).includes('..')
    if (!isKey && mistakes.some(mistake => mistake.path === prefixPath)) continue
    wrong(isKey ? path : prefixPath, `found ${excerpt(isKey ? template : prefix)}, which leads out of the directory of files`,
      `a ${isKey ? 'key' : 'prefix'} without \`..\` between slashes, or a bucket for these records`)
  }
  if (directory === '') return mistakes
  const classes = [...new Set([...routeClasses, 'storm', ...Object.keys(config.routes)])]
  const names = [...keys.flatMap(({ template, prefix }) => classes
    .map(name => template.replace('{prefix}', prefix).replaceAll('{class}', name))), ...streamsOf(config, classes)]
  const data = partsOf(resolve(dataDir))
  for (const name of names) {
    const parts = [...partsOf(resolve(directory)), ...partsOf(name)]
    const what = kept[parts[data.length + 1] ?? '']
    if (what === undefined || data.some((part, index) => parts[index] !== part)) continue
    wrong('file.directory', `files would lie in ${excerpt(`/${parts.slice(0, data.length + 2).join('/')}`)}, where an instance keeps its ${what}`,
      'a directory outside of `spool` and `dead-letter` below `dataDir`, or none: `delivered` beside them')
    break
  }
  return mistakes
}

/** What a route may say itself of where its objects go. */
interface OwnPlace { readonly key?: string, readonly prefix?: string, readonly bucket?: string }

/** Of objects, where no bucket takes them. */
function keysOf ({ bucket, prefix, objects, containers, routes }: Config): FileName[] {
  const shared = { template: objects.key, prefix, path: 'objects.key', prefixPath: 'prefix' }
  const ofContainers = Object.entries(containers).filter(([, own]) => (own.bucket ?? '') === '')
    .flatMap(([name, { key }]) => key === undefined ? [] : [{ ...shared, template: key, path: `containers.${name}.key` }])
  const ofRoutes = Object.entries(routes as Readonly<Record<string, OwnPlace>>)
    .filter(([, own]) => (own.bucket ?? '') === '').map(([name, own]) => ({
      template: own.key ?? objects.key,
      prefix: own.prefix ?? prefix,
      path: own.key === undefined ? 'objects.key' : `routes.${name}.key`,
      prefixPath: own.prefix === undefined ? 'prefix' : `routes.${name}.prefix`,
    }))
  const all = bucket === '' ? [shared, ...ofContainers, ...ofRoutes] : []
  // What an entry has from the settings of all is said of those.
  return all.filter((each, index) => all.findIndex(other => JSON.stringify(other) === JSON.stringify(each)) === index)
}

/** Of events, where no group takes them; they lie below `logs`. */
function streamsOf ({ logGroup, events, containers, routes }: Config, classes: readonly string[]): string[] {
  if (logGroup !== '') return []
  const own = [...Object.values(containers), ...Object.values(routes as Readonly<Record<string, { stream?: string }>>)]
  return [events.stream, ...own.flatMap(({ stream = '' }) => stream === '' ? [] : [stream])]
    .flatMap(stream => classes.map(name => `logs/${stream.replaceAll('{class}', name)}`))
}

function partsOf (path: string): string[] {
  return path.split('/').filter(part => part !== '')
}
