import t, { type Test } from 'tap'
import { SluiceError } from '../../../src/contracts/errors.ts'
import { ofLogs, startAnswering, type Said } from '../../support/answering.ts'
import { eventLine, segmentOf, sendAll, startLogsSink } from '../aws/bench.ts'

const page = '<html><p>no</html>'

/** What comes of a batch of three events: that it was stored, with the reasons of rejections, or why it was not. */
async function outcomeOf (t: Test, said: Said, isFirst: boolean): Promise<string> {
  const aws = await startAnswering(t)
  const { sink } = startLogsSink(t, aws)
  const send = () => sendAll(sink, segmentOf(t, ['a', 'b', 'c'].map(text => eventLine(text))))
  if (!isFirst) {
    aws.say({ headers: ofLogs, body: '{}' })
    await send()
  }
  aws.say(said)
  try {
    const [rejections = []] = await send()
    return rejections.map(({ reason }) => reason).join() || 'stored'
  } catch (error) {
    if (error instanceof SluiceError) return error.reason
    throw error
  }
}

const answers: readonly (readonly [string, Said])[] = [
  ['stored', { headers: ofLogs, body: '{}' }],
  ['stored', { headers: ofLogs, body: '' }],
  ['stored', { headers: { 'x-amzn-request-id': '1' }, body: '{}' }],
  ['stored', { headers: { 'x-amz-request-id': '1' }, body: '{}' }],
  ['stored', { headers: ofLogs, body: '{"nextSequenceToken":"1"}' }],
  ['stored', { headers: ofLogs, body: 'null' }],
  ['stored', { headers: ofLogs, body: '{"rejectedLogEventsInfo":null,"rejectedEntityInfo":null}' }],
  ['stored', { headers: ofLogs, body: '{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":null,"tooOldLogEventEndIndex":null,"expiredLogEventEndIndex":null}}' }],
  ['too_old,expired,too_new', { headers: ofLogs, body: '{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":2,"tooOldLogEventEndIndex":1,"expiredLogEventEndIndex":2}}' }],
  ['too_old', { headers: ofLogs, body: '{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":null,"tooOldLogEventEndIndex":1}}' }],
  ['not_aws', { body: '{}' }],
  ['not_aws', { body: page }],
  ['not_aws', { status: 302, headers: { location: 'http://portal.test/' } }],
  ['not_aws', { status: 307 }],
  ['not_aws', { status: 403 }],
  ['not_aws', { status: 403, body: page }],
  ['not_aws', { status: 403, body: '{"message":"Forbidden"}' }],
  ['not_aws', { status: 404, body: page }],
  ['not_aws', { status: 407, body: page }],
  ['invalid', { status: 413 }],
  ['invalid', { status: 413, body: page }],
  ['throttled', { status: 429, body: page }],
  ['unavailable', { status: 502, body: page }],
  ['unavailable', { status: 503 }],
  ['denied', { status: 403, headers: ofLogs }],
  ['denied', { status: 400, headers: ofLogs, body: '{"__type":"com.amazonaws.logs#AccessDeniedException:http://internal"}' }],
  ['throttled', { status: 400, headers: { ...ofLogs, 'x-amzn-errortype': 'ThrottlingException:http://internal' }, body: '{}' }],
]

t.test('the requests that follow the first of a client take any answer for what the SDK takes it for', async t => {
  t.testdir()
  for (const [outcome, said] of answers) {
    t.equal(await outcomeOf(t, said, true), outcome, `the first: ${JSON.stringify(said)}`)
    t.equal(await outcomeOf(t, said, false), outcome, `one that follows: ${JSON.stringify(said)}`)
  }
})
