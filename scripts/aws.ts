import { parseArgs } from 'node:util'
import { faultModes } from '../test/support/aws/faults.ts'
import { documentedRates } from '../test/support/aws/rates.ts'
import { startAws } from '../test/support/aws/server.ts'
import type { Aws } from '../test/support/aws/server.ts'
import { renderTable } from '../test/support/aws/table.ts'
import { scriptMistake } from './arguments.ts'

const help = `A strict stand-in of S3 and CloudWatch Logs, for trying things locally.

  npm run aws -- --bucket shop-logs --group /ecs/shop/errors

  --port N        where to listen (4588; 0 takes any free port)
  --host ADDRESS  (127.0.0.1)
  --region NAME   the region it stands in (us-east-1)
  --bucket NAME   a bucket to begin with (sluice-logs); may be repeated
  --group NAME    a log group to begin with (/sluice/app); may be repeated
  --store DIR     keep objects and events there as files, too
  --rates         throttle CloudWatch Logs at the rates that AWS documents
  --every N       seconds between two tables of what arrived (3)
`

const values = read()
if (values.help) process.stdout.write(help)
else {
  try {
    await run()
  } catch (error) {
    scriptMistake((error as Error).message, help)
  }
}

function read () {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4588' },
        host: { type: 'string', default: '127.0.0.1' },
        region: { type: 'string', default: 'us-east-1' },
        bucket: { type: 'string', multiple: true, default: ['sluice-logs'] },
        group: { type: 'string', multiple: true, default: ['/sluice/app'] },
        store: { type: 'string' },
        rates: { type: 'boolean', default: false },
        every: { type: 'string', default: '3' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const notNumber = (['port', 'every'] as const).find(name => !/^\d+$/.test(values[name]))
    if (notNumber !== undefined) throw new RangeError(`--${notNumber}: expected a number, found '${values[notNumber]}'`)
    return values
  } catch (error) {
    return scriptMistake((error as Error).message, help)
  }
}

async function run (): Promise<void> {
  const aws = await startAws({
    port: Number(values.port),
    host: values.host,
    region: values.region,
    buckets: values.bucket,
    groups: values.group,
    ...(values.store === undefined ? {} : { store: values.store }),
    ...(values.rates ? { rates: documentedRates } : {}),
  })
  process.stdout.write(explain(aws))
  const everyMs = Number(values.every) * 1000
  let shown = ''
  const timer = setInterval(() => {
    const table = renderTable(aws.state, aws.faults)
    if (table === shown) return
    shown = table
    process.stdout.write(`${process.stdout.isTTY ? '\n' : ''}${new Date().toISOString()}\n${table}`)
  }, Math.max(1000, everyMs))
  const stop = (): void => {
    clearInterval(timer)
    void aws.close()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

/** What to export, and what to ask without any AWS tool at hand. */
function explain ({ endpoint, region, environment }: Aws): string {
  const bucket = values.bucket[0] ?? 'sluice-logs'
  const group = values.group[0] ?? '/sluice/app'
  const user = `${environment['AWS_ACCESS_KEY_ID']}:${environment['AWS_SECRET_ACCESS_KEY']}`
  const sign = (service: string): string => `curl -s --user '${user}' --aws-sigv4 'aws:amz:${region}:${service}'`
  const call = `${sign('logs')} -H 'content-type: application/x-amz-json-1.1'`
  return `S3 and CloudWatch Logs stand in at ${endpoint}

For a client:
${Object.entries(environment).map(([name, value]) => `  export ${name}=${value}\n`).join('')}  export SLUICE_BUCKET=${bucket} SLUICE_LOG_GROUP=${group}

What arrived:
  curl -s ${endpoint}/__state
  curl -s '${endpoint}/__state?bucket=${bucket}'
  curl -s '${endpoint}/__state?bucket=${bucket}&key=KEY' | zcat
  curl -s '${endpoint}/__state?group=${group}&stream=STREAM'

Trouble (modes: ${Object.keys(faultModes).join(', ')}; ok heals):
  curl -s ${endpoint}/__ctl -d '{"logs":{"mode":"throttle","rate":0.3},"s3":{"mode":"503","count":5}}'
  curl -s ${endpoint}/__ctl -d '{"logs":{"mode":"ok"},"s3":{"mode":"ok"}}'

By hand, signed:
  ${sign('s3')} -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' '${endpoint}/${bucket}?list-type=2'
  ${call} -H 'x-amz-target: Logs_20140328.DescribeLogGroups' -d '{}' ${endpoint}/

`
}
