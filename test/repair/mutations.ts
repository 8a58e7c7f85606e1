import { createJsonWalker, notAnObject } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { createJsonRepairer } from '../../src/repair/json-repair.ts'
import { createRandom, fixtureLines, mutate } from '../support/access-lines.ts'
import { repairOracle } from '../support/repair-oracle.ts'

const repairer = createJsonRepairer()
const walk = createJsonWalker({ keys: createKeyTable([]) })
const files = ['stdout.log', 'access.f2.log', 'access.f3.log'] as const
const outcomes = ['repaired', 'syntax', 'truncated', 'torn', 'duplicate_key']

const additions = ['\\xe3\\x81\\x82', '\\xc6\\xfc', '""', '-', ',', ':-,', ':,', ':+1,', ':007,', ':x\\x41,', '""""', '\\\\x41', "\\'",
  '\\a', '\\u12', '\\x4', '\\x5c\\x22', '[23/Nov/2026]', '\r\n', ',}', '[,1,]', '{"time":"', ':.5,', '-0.', 'NaN', ':},',
  ':\\"},', '}', ':12},', ':{\\"a\\":1}', ':[::1]'].map(text => Buffer.from(text))

/**
 * Changes genuine lines at random, the same way at each call, and repairs them.
 *
 * @returns in words where the repairer and a slow and simple oracle disagree, and outcomes that hardly came up
 */
export function disagreements (mutationCount: number): string[] {
  const lines = files.flatMap(fixtureLines).filter(line => line.length < 600)
  const seed = 20261123
  const random = createRandom(seed)
  const counts = new Map(outcomes.map(outcome => [outcome, 0]))
  const problems: string[] = []
  for (let count = 0; count < mutationCount; count++) {
    let line = lines[count % lines.length] ?? Buffer.alloc(0)
    if (random(2) === 0) {
      const at = random(line.length + 1)
      const addition = additions[random(additions.length)] ?? Buffer.alloc(0)
      line = Buffer.concat([line.subarray(0, at), addition, line.subarray(at + (random(3) === 0 ? random(4) : 0))])
    }
    if (random(3) > 0) line = mutate(line, random)
    const problem = disagreement(line)
    const outcome = repairer.reason ?? 'repaired'
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    if (problem !== '') problems.push(`seed ${seed}, line ${count}: ${problem}: ${JSON.stringify(line.toString('latin1'))}`)
  }
  const rare = outcomes.filter(outcome => (counts.get(outcome) ?? 0) <= mutationCount / 5000)
  return [...problems, ...rare.map(outcome => `${outcome}: only ${counts.get(outcome)} of ${mutationCount}`)]
}

/** In words, empty when there is none. */
function disagreement (line: Buffer): string {
  repairer.repair(line, 0, line.length)
  const expected = repairOracle(line)
  const wasValid = walk(line, 0, line.length) >= 0 && !line.includes(0x0a)
  if ('reason' in expected) {
    if (wasValid) return 'valid, and the oracle finds it invalid'
    return expected.reason === repairer.reason ? '' : `${repairer.reason ?? 'repaired'} instead of ${expected.reason}`
  }
  if (repairer.reason !== undefined) return `${repairer.reason} instead of repaired`
  const { buffer, start, end, kinds } = repairer
  if (walk(buffer, start, end) === notAnObject || buffer.subarray(start, end).includes(0x0a)) return 'not one line of strict JSON'
  if (wasValid !== (kinds === 0)) return 'a repair without a fault, or a fault without a repair'
  if (wasValid) return buffer.subarray(start, end).equals(line) ? '' : 'a valid line changed'
  const text = buffer.toString('utf8', start, end)
  if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(expected.value)) return `another value: ${text}`
  const again = repairOracle(Buffer.from(text))
  return 'value' in again && again.memberCount === expected.memberCount ? '' : 'another number of members'
}
