import type { Bucket, StoredObject } from './state.ts'

/** One element; nested elements are given as already written. */
export function element (name: string, content: string | number): string {
  return `<${name}>${content}</${name}>`
}

export function text (value: string): string {
  return value
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    .replace(/[\r\n]/g, char => `&#${char.charCodeAt(0)};`)
}

const prolog = '<?xml version="1.0" encoding="UTF-8"?>\n'
const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function errorXml (code: string, message: string, details: Readonly<Record<string, string>>): string {
  const all = { Code: code, Message: message, ...details }
  return prolog + element('Error', Object.entries(all).map(([name, value]) => element(name, text(value))).join(''))
}

export interface Listing {
  readonly bucket: Bucket
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeyCount: number
  readonly startAfter: string | undefined
  readonly continuationToken: string | undefined
  readonly nextToken: string | undefined
  readonly encoded: boolean
  readonly objects: readonly StoredObject[]
  readonly commonPrefixes: readonly string[]
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listingXml (listing: Listing): string {
  const name = (value: string): string => listing.encoded ? encodeURIComponent(value).replaceAll('%2F', '/') : text(value)
  const optional = (tag: string, value: string | undefined): string => value === undefined ? '' : element(tag, value)
  const parts = [
    element('Name', listing.bucket.name),
    element('Prefix', name(listing.prefix)),
    optional('Delimiter', listing.delimiter === '' ? undefined : name(listing.delimiter)),
    optional('StartAfter', listing.startAfter === undefined ? undefined : name(listing.startAfter)),
    optional('ContinuationToken', listing.continuationToken),
    optional('NextContinuationToken', listing.nextToken),
    optional('EncodingType', listing.encoded ? 'url' : undefined),
    element('KeyCount', listing.objects.length + listing.commonPrefixes.length),
    element('MaxKeys', listing.maxKeyCount),
    element('IsTruncated', String(listing.nextToken !== undefined)),
    ...listing.objects.map(object => element('Contents', [
      element('Key', name(object.key)),
      element('LastModified', new Date(object.lastModifiedMs).toISOString()),
      element('ETag', text(object.etag)),
      element('Size', object.body.length),
      element('StorageClass', object.storageClass),
    ].join(''))),
    ...listing.commonPrefixes.map(prefix => element('CommonPrefixes', element('Prefix', name(prefix)))),
  ]
  return `${prolog}<ListBucketResult ${namespace}>${parts.join('')}</ListBucketResult>`
}
