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

/** Where lines go with the settings that there are: as `pipeline/routes.ts` decides it. */
export function placeNow ({ gathered }: FilterContext, { container, class: each }: Lines): string {
  const own = (name: string) => gathered.textOf(`containers.${container}.${name}`) ?? ''
  const [ownBucket, ownGroup] = [own('bucket'), own('logGroup')]
  const bucket = ownBucket === '' ? gathered.textOf('bucket') ?? '' : ownBucket
  const group = ownGroup === '' ? gathered.textOf('logGroup') ?? '' : ownGroup
  const to = gathered.textOf(`routes.${each}.to`) ?? wanted[each]
  const [s3, events] = [bucket === '' ? '' : `s3://${bucket}`, group === '' ? '' : `the log group ${group}`]
  const files = 'files in dataDir (on a disk that ends with the task)'
  if (to === 's3') return s3 !== '' ? s3 : ownGroup !== '' ? events : files
  return events !== '' ? events : ownBucket !== '' ? s3 : files
}

// Tested in test/config/fluent-bit/translate.test.ts
