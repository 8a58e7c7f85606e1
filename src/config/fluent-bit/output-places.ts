import { isFile, kindWith } from '../destinations-in.ts'
import { wanted, type Output } from './destinations.ts'
import type { FilterContext } from './filter-context.ts'
import type { Lines } from './lines.ts'

/** Where Fluent Bit sent the lines, in the words of `placeNow`. */
export function placeThen ({ gathered }: FilterContext, { kind, options }: Output, { container }: Lines): string {
  if (kind === 's3') return `s3://${options['bucket'] ?? ''}`
  if (kind !== 'cloudwatch') return ''
  // A group's name may come of a template, so it is the one that this output has set.
  const { log_group_name: name = '', log_group_template: template } = options
  const set = [`containers.${container}.logGroup`, 'logGroup'].map(path => gathered.textOf(path)).find(text => text !== undefined)
  const isTemplate = template !== undefined || name.includes('$(')
  return `the log group ${isTemplate ? set ?? name : name}`
}

/** Where lines go with the settings that there are. */
export function placeNow ({ gathered }: FilterContext, { container, class: each }: Lines): string {
  const placesAt = (path: string) =>
    ({ bucket: gathered.textOf(`${path}bucket`) ?? '', logGroup: gathered.textOf(`${path}logGroup`) ?? '' })
  const [all, own] = [placesAt(''), placesAt(`containers.${container}.`)]
  const to = gathered.textOf(`routes.${each}.to`) ?? wanted[each]
  const kind = kindWith(all, to === 's3' ? 'objects' : 'events', own)
  if (isFile(all, kind, own)) return 'files in dataDir (on a disk that ends with the task)'
  return kind === 'objects' ? `s3://${own.bucket || all.bucket}` : `the log group ${own.logGroup || all.logGroup}`
}

// Tested in test/config/fluent-bit/translate.test.ts
