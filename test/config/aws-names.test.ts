import { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import { ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { partitions, regions } from '../../src/config/aws-names.ts'
import { settings } from '../../src/config/settings.ts'

/** The table of the AWS SDK, which no module of it exports. */
function sdkTable (): string {
  const sdk = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-s3'))
  return readFileSync(sdk.resolve('@aws-sdk/core/client'), 'utf8')
}

t.test('every region and partition that the AWS SDK knows is known, and no other', async t => {
  const table = sdkTable()
  const inSdk = [...table.matchAll(/"([a-z]{2,4}(?:-[a-z]+)+-\d+)": \{/g)].map(([, name = '']) => name)
  t.same([...regions].sort(), inSdk.sort())
  t.same(partitions.map(({ name }) => name).sort(), [...table.matchAll(/"id": "(aws[a-z-]*)"/g)].map(([, name]) => name).sort())
})

t.test('the words of the settings are those of AWS', async t => {
  const { s3, cloudwatch } = settings
  const own = (choices: readonly string[]) => choices.filter(choice => choice !== 'bucket')
  for (const word of own(s3.settings.storageClass.choices)) t.ok(word in StorageClass, word)
  for (const word of cloudwatch.settings.groupClass.choices) t.ok(word in LogGroupClass, word)
  const encryptions: readonly string[] = Object.values(ServerSideEncryption)
  for (const word of own(s3.settings.encryption.choices)) t.ok(encryptions.includes(word), word)
})
