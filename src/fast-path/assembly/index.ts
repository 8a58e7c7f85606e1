import {
  atOther, stretchesAt, endingAt, endingBytesAt, findsCardsAt, fromMsAt, inputEndAt, lastMsAt, lineBytesAt,
  maxLineBytesAt, outputAt, outputBytes, outputEndAt, stoppedAt, toMsAt
} from '../layout'
import { lineEnd, lineStart, readFrame, sender, timeMs } from './frames'
import { isOrdinary } from './objects'
import { mayBeHealthCheck, noteRequest } from './requests'
import { hasCard } from './secrets'

export { noteSender } from './senders'

const newline = 0x0a

/**
 * Takes frames of ordinary access lines from `[from, end)` of the input on, until one comes that is any other: writes
 * their lines to the output, each with its newline, and what metrics count of them.
 *
 * @param isEntry entries of a packed frame instead of frames
 * @param stretch of the senders whose lines are taken
 * @param mostLines that are taken
 * @returns how many lines
 */
export function take (from: i32, end: i32, isEntry: bool, stretch: i32, mostLines: i32): i32 {
  const fromMs = load<f64>(fromMsAt)
  const toMs = load<f64>(toMsAt)
  const findsCards = load<i32>(findsCardsAt) !== 0
  const endingBytes = load<i32>(endingBytesAt)
  let at = from
  let out = outputAt
  let lines = 0
  let lineBytes = 0
  let stopped = atOther
  while (at < end && lines < mostLines) {
    const frameEnd = readFrame(at, end, isEntry)
    if (frameEnd === 0 || load<i32>(stretchesAt + sender * 4) !== stretch) {
      stopped = sender
      break
    }
    if (!(timeMs >= fromMs && timeMs < toMs && timeMs > 0)) break
    const bytes = lineEnd - lineStart
    if (bytes > load<i32>(maxLineBytesAt) || out + bytes + endingBytes >= outputAt + outputBytes) break
    if (!isOrdinary(lineStart, lineEnd) || mayBeHealthCheck()) break
    if (findsCards && hasCard(lineStart, lineEnd)) break
    noteRequest(lines, sender)
    memory.copy(out, lineStart, bytes)
    out += bytes
    if (endingBytes > 0) {
      memory.copy(out - 1, endingAt, endingBytes)
      out += endingBytes - 1
    }
    store<u8>(out++, newline)
    store<f64>(lastMsAt, timeMs)
    lineBytes += bytes
    lines++
    at = frameEnd
  }
  store<i32>(stoppedAt, stopped)
  store<i32>(inputEndAt, at)
  store<i32>(outputEndAt, out)
  store<i32>(lineBytesAt, lineBytes)
  return lines
}

// Tested in test/pipeline/ordinary-frames.test.ts
