import { partitions } from '../../config/aws-names.ts'

/** What names of resources in the region begin with, after `arn:`. */
export function partitionOf (region: string): string {
  return partitions.find(({ regionStart }) => region.startsWith(regionStart))?.name ?? 'aws'
}

/** What a permission on a log group names; the region may not be known. */
export function groupArn (region: string, group: string): string {
  return `arn:${partitionOf(region)}:logs:${region === '' ? '*' : region}:*:log-group:${group}`
}

/** Whether AWS itself answers there. */
export function isHostOfAws (hostname: string): boolean {
  return partitions.some(({ hosts }) => hosts.some(host => hostname.endsWith(`.${host}`)))
}
