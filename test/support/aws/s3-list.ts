import { listingXml } from './s3-xml.ts'
import type { Bucket, StoredObject } from './state.ts'
import { AwsError } from './wire.ts'
import type { AwsRequest } from './wire.ts'

const mostKeys = 1000

/**
 * One page of ListObjectsV2 as XML. Keys that share a prefix up to the delimiter are one entry, as in S3.
 *
 * @param objects in order of key
 * @throws AwsError `InvalidArgument`
 */
export function listObjects (request: AwsRequest, bucket: Bucket, objects: readonly StoredObject[]): string {
  const asked = new Map(request.query)
  const maxKeys = asked.get('max-keys') ?? String(mostKeys)
  const encoding = asked.get('encoding-type')
  if (asked.get('list-type') !== '2' || !/^\d{1,9}$/.test(maxKeys) || (encoding ?? 'url') !== 'url') {
    throw new AwsError(400, 'InvalidArgument', 'list-type, max-keys or encoding-type is not valid', { breach: 'list' })
  }
  const prefix = asked.get('prefix') ?? ''
  const delimiter = asked.get('delimiter') ?? ''
  const startAfter = asked.get('start-after')
  const continuationToken = asked.get('continuation-token')
  const after = continuationToken === undefined ? startAfter : Buffer.from(continuationToken, 'base64url').toString()
  const maxKeyCount = Math.min(Number(maxKeys), mostKeys)

  const listed: StoredObject[] = []
  const commonPrefixes: string[] = []
  let last = ''
  let more = false
  for (const object of objects) {
    if (!object.key.startsWith(prefix) || (after !== undefined && !isAfter(object.key, after))) continue
    const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
    const group = cut === -1 ? undefined : object.key.slice(0, cut + delimiter.length)
    const told = group === commonPrefixes.at(-1) || (continuationToken !== undefined && group === after)
    if (group !== undefined && told) continue
    more = listed.length + commonPrefixes.length >= maxKeyCount
    if (more) break
    if (group === undefined) listed.push(object)
    else commonPrefixes.push(group)
    last = group ?? object.key
  }
  const nextToken = more && maxKeyCount > 0 ? Buffer.from(last).toString('base64url') : undefined
  return listingXml({
    bucket,
    prefix,
    delimiter,
    maxKeyCount,
    startAfter,
    continuationToken,
    nextToken,
    encoded: encoding === 'url',
    objects: listed,
    commonPrefixes,
  })
}

/** In the order of UTF-8 bytes. */
function isAfter (key: string, mark: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(mark)) > 0
}
