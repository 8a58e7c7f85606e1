import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import t from 'tap'
import type { Sink } from '../../../src/contracts/sink.ts'
import { collectAnswer } from '../../../src/sinks/aws/collect-answer.ts'
import { callerIdentity } from '../../../src/sinks/aws/identity.ts'
import { ofLogs, startAnswering } from '../../support/answering.ts'
import { setEnvironment } from '../../support/environment.ts'
import { awsSettings, eventLine, never, segmentOf, sendAll, startLogsSink, startObjectSink } from './bench.ts'

const pieceBytes = 1024 * 1024
const good = { headers: { ...ofLogs, etag: '"x"' }, body: '{}' }

/** Answers without end; `sentBytes` says how much of it was taken. */
function endless (status: number) {
  const told = { sentBytes: 0 }
  return {
    told,
    answer: (response: ServerResponse) => {
      const piece = Buffer.alloc(pieceBytes, ' ')
      const go = () => {
        do told.sentBytes += pieceBytes
        while (!response.destroyed && response.write(piece))
      }
      response.writeHead(status, good.headers).on('drain', go)
      go()
    },
  }
}

t.test('what AWS says comes whole, and nothing more than that is kept', async t => {
  const of = (...bytes: readonly number[]) => Readable.from(bytes.map(count => Buffer.alloc(count, 'x')))
  t.equal((await collectAnswer(of())).length, 0)
  t.equal((await collectAnswer(of(3, 8 * pieceBytes - 3))).length, 8 * pieceBytes)
  const tooLong = of(3, 8 * pieceBytes - 2)
  await t.rejects(collectAnswer(tooLong), { name: 'AnswerTooLong' })
  t.ok(tooLong.destroyed)
})

t.test('an answer without end is let go, its connection too, and takes no memory, whatever was asked and however it is answered', async t => {
  t.testdir()
  const aws = await startAnswering(t)
  setEnvironment(t, { AWS_ENDPOINT_URL_STS: aws.endpoint })
  const logs = startLogsSink(t, aws).sink
  const objects = startObjectSink(t, aws).sink
  const send = (sink: Sink) => sendAll(sink, segmentOf(t, [eventLine('precious')]))
  const requests: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['the first PutLogEvents', () => send(logs)],
    ['the next', async () => await send(logs)],
    ['PutObject', () => send(objects)],
    ['GetCallerIdentity', () => callerIdentity(awsSettings(aws), never)],
    ['AssumeRole', () => send(startLogsSink(t, aws, { aws: awsSettings(aws, { roleArn: 'arn:aws:iam::123456789012:role/logs' }) }).sink)],
  ]
  for (const status of [200, 403, 500]) {
    for (const [name, ask] of requests) {
      if (name === 'the next') {
        aws.say(good)
        await send(logs)
      }
      const { told, answer } = endless(status)
      aws.answerWith(answer)
      await t.rejects(ask(), { code: 'ERR_SINK_UNAVAILABLE', reason: 'not_aws', message: /AnswerTooLong/ }, `${name}, HTTP ${status}`)
      t.ok(told.sentBytes < 64 * pieceBytes, `${told.sentBytes} bytes`)
    }
  }
})
