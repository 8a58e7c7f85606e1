import t from 'tap'
import { faultModes, type Fault, type FaultMode } from '../support/aws/faults.ts'
import type { Aws } from '../support/aws/server.ts'
import { sendRecords } from '../support/sender.ts'
import { bucket, eventMarks, group, lines, objectMarks, sentMarks, startWorld, storedTwice } from './aws-world.ts'

t.setTimeout(1_800_000)

/** The events are stored although the answer says nothing of it: they come again. */
const repeating: readonly string[] = ['lost', 'slow']
/** No answer in time. What comes late only because the machine is busy may come again then, too. */
const late: readonly string[] = ['hang', 'slow']
const slowMs = 4_000
const timeout = { SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' }

/** Has the next PutLogEvents, and the next PutObject of both routes, meet the fault; resolves when they have. */
async function meetFault (aws: Aws, mode: FaultMode): Promise<void> {
  const { operations = [] }: { readonly help: string, readonly operations?: readonly string[] } = faultModes[mode]
  const isOf = (operation: string) => operations.length === 0 || operations.includes(operation)
  const fault: Fault = { mode, ...(mode === 'slow' && { ms: slowMs }), ...(mode === 'rejected' && { rejected: { tooOldLogEventEndIndex: 2 } }) }
  if (isOf('PutObject')) aws.faults.set('s3', { ...fault, operation: 'PutObject', count: 2 })
  if (isOf('PutLogEvents')) aws.faults.set('logs', { ...fault, operation: 'PutLogEvents', count: 1 })
  await aws.state.until(() => aws.faults.list('s3').length === 0 && aws.faults.list('logs').length === 0)
}

for (const mode of Object.keys(faultModes) as FaultMode[]) {
  t.test(`${mode}, then recovery: no record unaccounted for, no object stored twice, no event lost`, async t => {
    const { aws, start } = await startWorld(t)
    const sluice = start(late.includes(mode) ? timeout : {})
    await sluice.printed(/"started"/)
    const before = lines(10, 'before')
    await sendRecords(sluice.socketPath, before)
    await aws.state.until(() => eventMarks(aws).length === 10 && objectMarks(aws).length === 20)

    const met = meetFault(aws, mode)
    const during = lines(40, 'during')
    await sendRecords(sluice.socketPath, during)
    await met
    await aws.state.until(() => mode !== 'missing' || !aws.state.groups.has(group))
    if (mode === 'missing') aws.state.createGroup(group)
    const after = lines(10, 'after')
    await sendRecords(sluice.socketPath, after)
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 0, sluice.output())

    const report = sluice.report()
    t.match(report, { balanced: true, received: 180, pending: 0, dropped: 0 })
    t.equal(report.delivered + report.rejected, 180)
    t.equal(report.rejected > 0, mode === 'rejected', `${report.rejected} events rejected`)
    const sent = [...before, ...during, ...after]
    t.same(objectMarks(aws), sentMarks(sent, 'stdout'), 'every line is in one object')
    t.same(storedTwice(aws), [], 'no key is stored twice')
    t.equal(new Set(eventMarks(aws)).size, 60 - report.rejected, 'no event is lost but those that were rejected')
    if (repeating.includes(mode)) await aws.state.until(() => eventMarks(aws).length > 60)
    else if (!late.includes(mode)) t.equal(eventMarks(aws).length, 60 - report.rejected, 'no event is repeated')
    t.same(aws.state.violations, [])
    t.equal(aws.state.puts(bucket).filter(({ outcome }) => outcome === 'stored').length, aws.state.objects(bucket).length)
  })
}
