import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../../..')

t.test('every reason for which a route to AWS waits or a record is refused is in the manual', async t => {
  const files = globSync('src/{delivery,sinks/{aws,cloudwatch,s3}}/*.ts', { cwd: root })
  const code = files.map(file => readFileSync(join(root, file), 'utf8')).join('\n')
  const named = code.matchAll(/(?:reason: |slow\(|each\()'(\w+)'/g)
  const reasons = new Set([...named].map(([, reason = '']) => reason))
  t.ok(reasons.size > 25, `${reasons.size} reasons`)
  const manual = readFileSync(join(root, 'docs/aws.md'), 'utf8')
  t.same([...reasons].filter(reason => !manual.includes(`\`${reason}\``)), [])
})
