import t from 'tap'
import { setV8Flags } from '../../src/cli/v8-flags.ts'
import { createBoundedPattern, maxSeenBytes } from '../../src/filter/bounded-pattern.ts'

// As `sluice run` has it.
setV8Flags()

/** CPU that a slow machine keeps within, and that nothing quadratic on 64 KiB comes near. */
const soonMs = 1000

function msOf (pattern: string, text: string): number {
  const bounded = createBoundedPattern(pattern)
  const before = process.cpuUsage()
  bounded.test(text)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

t.test('a pattern gives the same answer whichever engine runs it', async t => {
  for (const pattern of ['x.*y', '^GET .*(a|b)$', 'a+b', '(?<=q)z', '\\bw\\b', '[^x]z', 'x{2,3}y', '日.語', '(?v)\\p{Lu}', '(?i:y$)', '(?=x)xy']) {
    const bounded = createBoundedPattern(pattern)
    const plain = new RegExp(pattern.replace('(?v)', ''), pattern.startsWith('(?v)') ? 'mv' : 'm')
    for (const tail of ['y', 'Ä', 'qz', '\nGET xa', ' w ', '日本語', '']) {
      for (const length of [0, 1, 1000, 1024, 1025, 3000]) {
        const text = 'x'.repeat(length) + tail
        t.equal(bounded.test(text), plain.test(text), `${pattern} on ${length} x and ${JSON.stringify(tail)}`)
      }
    }
  }
})

t.test('no record makes a pattern take long', async t => {
  const hostile = 'x'.repeat(maxSeenBytes)
  for (const pattern of ['x.*y', 'x.*x.*y', '(x+)+$y', '(x|xx)*y', '^(x*)*$y', 'x.*(?=y)', '(?i:x.*y)', '(x).*\\1y', '(?v)\\p{L}.*\\d']) {
    const ms = msOf(pattern, hostile)
    t.ok(ms < soonMs, `${pattern}: ${ms} ms`)
  }
  for (const pattern of ['(x+)+y', '(x|xx)*y']) {
    const ms = msOf(pattern, 'x'.repeat(1000))
    t.ok(ms < soonMs, `${pattern} on a short one: ${ms} ms`)
  }
})

t.test('a pattern that only the usual engine can run says that it sees less', async t => {
  for (const pattern of ['GET', '^a.*b$', 'a{2,3}', '(?<!x)y', '(?i:get)', '(?=a)b', '(a)\\1', '(?v)[日-語]']) t.equal(createBoundedPattern(pattern).maxLength, maxSeenBytes, pattern)
  for (const pattern of ['(?i:get.*)', '(?=a)b+', '(a*)\\1', '(?v)\\p{L}+']) t.equal(createBoundedPattern(pattern).maxLength, 4096, pattern)
  const bounded = createBoundedPattern('(?i:EN+D)')
  t.ok(bounded.test(`${'x'.repeat(4093)}end`))
  t.notOk(bounded.test(`${'x'.repeat(4094)}end`))
})
