import { zstdDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Aws } from '../support/aws/server.ts'
import { createRandom } from '../support/access-lines.ts'
import { anySettings } from '../support/any-settings.ts'
import { bucket, startScenario, storedTwice } from '../support/scenario.ts'
import { markOf, uniqueLines } from '../support/unique-lines.ts'

const rounds = Number(process.env['ROUNDS'] ?? 4)
// The same ones each time, so that what breaks is what was changed; others are tried by hand: SEED=1000 ROUNDS=50.
const seed = Number(process.env['SEED'] ?? 1)
t.setTimeout(rounds * 120_000)

const zstdMagic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd)

function contentOf (body: Buffer): string {
  if (body.subarray(0, 4).equals(zstdMagic)) return zstdDecompressSync(body).toString()
  return (body[0] === 0x1f ? gunzipSync(body) : body).toString()
}

/** Marks of all that the stand-in holds, in whatever form. */
function marksIn ({ state }: Aws): ReadonlySet<string> {
  const objects = state.objects(bucket).flatMap(({ body }) => contentOf(body).split('\n'))
  const events = state.streams().flatMap(([group, stream]) => state.events(group, stream).map(({ message }) => message))
  return new Set([...objects, ...events].map(markOf))
}

for (let round = seed; round < seed + rounds; round++) {
  t.test(`whatever is set, what was acked is delivered, over a stop or a kill (SEED=${round})`, async t => {
    const random = createRandom(round)
    // Long enough on a busy machine, and the end of a test that would fail.
    const env = { ...anySettings(random), SLUICE_STOP_DEADLINE: '60s' }
    const scenario = await startScenario(t)
    const { aws, acked, lives } = scenario
    const first = await scenario.start(env)
    await Promise.all(['web', 'api', 'db'].map(container =>
      scenario.sendForAcks(first, uniqueLines(`${container}-${round}`, 100, { container }), 1 + random(200))))
    if (random(2) === 0) await scenario.kill(first)
    else await scenario.stop(first, 'any')
    const second = await scenario.start(env)
    await scenario.stop(second)

    t.equal(acked.length, scenario.sent.length, 'every chunk is acked')
    const marks = marksIn(aws)
    t.same(acked.map(({ fields: { log = '' } }) => markOf(log)).filter(mark => !marks.has(mark)).slice(0, 5), [], 'all of it is there')
    t.same(lives.flatMap(report => report === undefined || report.balanced ? [] : [report]), [], 'the ledgers balance')
    t.same([aws.state.violations, storedTwice(aws)], [[], []])
    t.notMatch(first.output() + second.output(), /unexpected (?:error|rejection)|connection failed|out of range/)
    if (!t.passing()) t.comment(JSON.stringify(env))
  })
}
