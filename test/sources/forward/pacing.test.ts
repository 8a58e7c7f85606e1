import t from 'tap'
import { fullReadBytes, Pacing } from '../../../src/sources/forward/pacing.ts'

t.test('a sender of few lines is left alone for the longest pause', async t => {
  const pacing = new Pacing(25, 0)
  for (let nowMs = 0; nowMs < 1000; nowMs += 25) t.equal(pacing.pauseMs(10 * 650, nowMs), 25, `at ${nowMs} ms`)
})

t.test('a full read is followed by no pause', async t => {
  t.equal(new Pacing(25, 0).pauseMs(fullReadBytes, 0), 0)
})

t.test('the pause ends within a few reads of a flood and returns within two windows of quiet', async t => {
  const pacing = new Pacing(25, 0)
  let nowMs = 0
  let pausedMs = 0
  for (let read = 0; read < 200; read++) {
    const pauseMs = pacing.pauseMs(50_000, nowMs)
    pausedMs += pauseMs
    nowMs += pauseMs + 0.5
  }
  t.ok(pausedMs < 60, `paused ${pausedMs} ms of ${nowMs}`)
  t.equal(pacing.pauseMs(50_000, nowMs), 0)
  nowMs += 100
  pacing.pauseMs(650, nowMs)
  t.equal(pacing.pauseMs(650, nowMs + 25), 25)
})

t.test('what gathers during a pause, at the pace of a steady sender, stays far below what a socket holds', async t => {
  for (const bytesPerMs of [10, 100, 1000, 5000, 50_000]) {
    const pacing = new Pacing(25, 0)
    let nowMs = 0
    let gatheredBytes = 0
    for (let read = 0; read < 300; read++) {
      const pauseMs = pacing.pauseMs(gatheredBytes, nowMs)
      const elapsedMs = pauseMs + 0.1
      nowMs += elapsedMs
      gatheredBytes = elapsedMs * bytesPerMs
      // The pace is known after the first windows.
      if (nowMs > 60) t.ok(pauseMs * bytesPerMs <= 2 * 16_384, `${bytesPerMs} B/ms: ${pauseMs} ms`)
    }
  }
})

t.test('no pause at all when none is wanted', async t => {
  const pacing = new Pacing(0, 0)
  for (let nowMs = 0; nowMs < 100; nowMs++) t.equal(pacing.pauseMs(1, nowMs), 0)
})

t.test('a clock that steps back does not stop it', async t => {
  const pacing = new Pacing(25, 1_000_000)
  pacing.pauseMs(50_000, 1_000_001)
  t.equal(pacing.pauseMs(100, 5), 25)
})
