import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { defaultAccount, startAws } from '../support/aws/server.ts'
import type { Account } from '../support/aws/sigv4.ts'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { bucket, eventMarks, group, lines, objectMarks } from './aws-world.ts'

const rotated: Account = { ...defaultAccount, accessKeyId: 'AKIDROTATED', secretAccessKey: 'another-secret' }

/** Sluice with a shared credentials file as the only place where credentials could be. */
async function startWithFile (t: Test) {
  const accounts = [defaultAccount]
  const aws = await startAws({ buckets: [bucket], groups: [group], accounts })
  t.teardown(() => aws.close())
  const path = join(shortDirectory(t), 'credentials')
  const sluice = startSluice(t, {
    env: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_SHARED_CREDENTIALS_FILE: path,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      SLUICE_LOG_GROUP: group,
      SLUICE_BUCKET: bucket,
      SLUICE_OBJECTS_MAX_AGE: '1s',
      SLUICE_JOIN_TRACES_MAX_QUIET: '10ms',
    },
  })
  await sluice.printed(/"started"/)
  const write = ({ accessKeyId, secretAccessKey }: Account) => writeFileSync(path,
    `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
  return { aws, accounts, sluice, write }
}

t.setTimeout(300_000)

t.test('a credentials file that appears later is used, and so is one that is rotated', async t => {
  const { aws, accounts, sluice, write } = await startWithFile(t)
  await sendRecords(sluice.socketPath, lines(3, 'late'))
  await sluice.printed(/"route":"error".*no credentials for CloudWatch/)
  await sluice.printed(/"route":"access".*no credentials for S3/)
  write(defaultAccount)
  await aws.state.until(() => eventMarks(aws).length === 3 && objectMarks(aws).length === 6)

  accounts[0] = rotated
  await sendRecords(sluice.socketPath, lines(3, 'rotated'))
  await sluice.printed(/"route":"error".*does not accept the credentials/)
  await sluice.printed(/"route":"access".*does not accept the credentials/)
  write(rotated)
  await aws.state.until(() => eventMarks(aws).length === 6 && objectMarks(aws).length === 12)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 18, delivered: 18 })
})
