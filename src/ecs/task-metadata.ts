import { get } from 'node:http'
import type { Clock } from '../contracts/clock.ts'
import { factsOf, noFacts, type TaskFacts } from './task-facts.ts'

export interface TaskMetadataOptions {
  /** `ECS_CONTAINER_METADATA_URI_V4`; undefined outside of ECS. */
  readonly uri: string | undefined
  readonly clock: Clock
  /** Longest time in all, ms. The log sockets open only afterwards. */
  readonly patienceMs?: number
}

/** What the endpoint says, or in words why it says nothing. */
export interface TaskMetadata {
  readonly facts: TaskFacts
  readonly problem: string | undefined
}

/** The log driver waits longer than this for the sockets to open. */
const defaultPatienceMs = 2_000
const firstPauseMs = 100
/** An answer is a few KiB, with every container of the task. */
const maxBytes = 1024 * 1024

/**
 * Asks the task metadata endpoint, version 4, which task this is. After a failure it asks again until `patienceMs` is
 * over. Never rejects: lines are delivered even if the name of the task is unknown.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 */
export async function readTaskMetadata (options: TaskMetadataOptions): Promise<TaskMetadata> {
  const { uri, clock, patienceMs = defaultPatienceMs } = options
  if (uri === undefined || uri === '') return { facts: noFacts, problem: undefined }
  const patience = new AbortController()
  void clock.sleep(patienceMs, patience.signal).then(() => patience.abort())
  let problem = ''
  for (let pauseMs = firstPauseMs; !patience.signal.aborted; pauseMs *= 2) {
    try {
      const facts = factsOf(JSON.parse(await answerOf(`${uri}/task`, patience.signal)))
      if (facts.task !== '') {
        patience.abort()
        return { facts, problem: undefined }
      }
      problem = 'expected a task with its ARN, found none in the answer'
    } catch (error) {
      problem = error instanceof SyntaxError ? 'expected JSON, found something else' : (error as Error).message
    }
    await clock.sleep(pauseMs, patience.signal)
  }
  return { facts: noFacts, problem: `the task metadata endpoint does not say which task this is: ${problem}` }
}

/** @throws Error that says what was expected and found */
export async function answerOf (url: string, signal: AbortSignal): Promise<string> {
  return await new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal }, response => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > maxBytes) request.destroy(new Error(`expected at most ${maxBytes} bytes, found more`))
        chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString())
        else reject(new Error(`expected status 200, found ${response.statusCode ?? 'none'}`))
      })
    })
    request.on('error', error => reject(signal.aborted ? new Error('expected an answer in time, found none') : error))
  })
}
