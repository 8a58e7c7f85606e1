import t from 'tap'
import { fullReadBytes, Pacing } from '../../../src/sources/forward/pacing.ts'

t.test('a sender of few lines is left alone for the longest pause', async t => {
  const pacing = new Pacing(100, 0)
  for (let nowMs = 0; nowMs < 4000; nowMs += 100) t.equal(pacing.pauseMs(10 * 690, 10, nowMs), 100, `at ${nowMs} ms`)
})

t.test('a thousand lines a second are left alone for half as long as the longest pause', async t => {
  const pacing = new Pacing(100, 0)
  let nowMs = 0
  let pauseMs = 1
  for (let read = 0; read < 100; read++) {
    pauseMs = pacing.pauseMs(pauseMs * 690, pauseMs, nowMs)
    nowMs += pauseMs
  }
  t.equal(pauseMs, 50)
})

t.test('a full read is followed by no pause', async t => {
  t.equal(new Pacing(100, 0).pauseMs(fullReadBytes, 1, 0), 0)
})

// Frames that a socket took before its sender had to wait, each written by itself: measured on Linux 6.18.
const held: readonly (readonly [frameBytes: number, count: number])[] =
  [[50, 278], [100, 278], [150, 278], [215, 167], [300, 167], [690, 167], [900, 93], [1200, 93], [2000, 49], [4000, 44]]

t.test('a sender that had to wait is read again at once, however long its frames are', async t => {
  for (const [frameBytes, count] of held) {
    const pacing = new Pacing(100, 0)
    for (let nowMs = 0; nowMs < 1000; nowMs += 100) pacing.pauseMs(frameBytes, 1, nowMs)
    const bytes = Math.min(frameBytes * count, fullReadBytes)
    t.equal(pacing.pauseMs(bytes, Math.floor(bytes / frameBytes), 1000), 0, `${frameBytes} bytes`)
  }
})

t.test('what gathers during a pause, at the pace of a steady sender, is well below what a socket holds', async t => {
  for (const [frameBytes, count] of held) {
    for (const framesPerMs of [0.01, 0.1, 1, 5, 50]) {
      const pacing = new Pacing(100, 0)
      let nowMs = 0
      let gathered = 0
      for (let read = 0; read < 300; read++) {
        const pauseMs = pacing.pauseMs(gathered * frameBytes, gathered, nowMs)
        const elapsedMs = pauseMs + 0.1
        nowMs += elapsedMs
        gathered = elapsedMs * framesPerMs
        // The pace is known after the first windows.
        if (nowMs > 240) t.ok(pauseMs * framesPerMs <= count * 0.65, `${frameBytes} bytes, ${framesPerMs}/ms: ${pauseMs} ms`)
      }
    }
  }
})

t.test('the longest pause is back within two windows of quiet', async t => {
  const pacing = new Pacing(100, 0)
  let nowMs = 0
  for (let read = 0; read < 300; read++) {
    nowMs += 0.5 + pacing.pauseMs(40_000, 58, nowMs)
  }
  t.ok(pacing.pauseMs(40_000, 58, nowMs) < 5)
  nowMs += 200
  pacing.pauseMs(690, 1, nowMs)
  t.equal(pacing.pauseMs(690, 1, nowMs + 100), 100)
})

t.test('pauses are halves of halves of the longest, so that their ends fall together', async t => {
  for (const framesPerMs of [0.1, 0.5, 1, 2, 4, 8, 16, 100]) {
    const pacing = new Pacing(100, 0)
    pacing.pauseMs(framesPerMs * 690 * 10, framesPerMs * 10, 100)
    const pauseMs = pacing.pauseMs(0, 0, 100)
    t.ok(pauseMs === 0 || Number.isInteger(Math.log2(100 / pauseMs)), `${pauseMs} ms`)
  }
})

t.test('no pause at all when none is wanted', async t => {
  const pacing = new Pacing(0, 0)
  for (let nowMs = 0; nowMs < 100; nowMs++) t.equal(pacing.pauseMs(1, 1, nowMs), 0)
})
