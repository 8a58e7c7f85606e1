import { readFileSync } from 'node:fs'
import t from 'tap'
import { nodeProblem, oldestNode } from '../../src/cli/node-version.ts'

t.test('a Node that is too old is told in one line, and no other', async t => {
  const problem = (version: string) => nodeProblem(version, '/usr/bin/node', 24)
  t.equal(problem('20.20.2'), 'sluice: expected Node 24 or newer, found 20.20.2 (/usr/bin/node)\n')
  t.equal(problem('0.12.18'), 'sluice: expected Node 24 or newer, found 0.12.18 (/usr/bin/node)\n')
  t.equal(problem('24.0.0'), undefined)
  t.equal(problem('25.0.0-nightly'), undefined)
  t.equal(nodeProblem(process.versions.node, process.execPath, oldestNode), undefined)
})

t.test('the oldest Node is that of package.json', async t => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as
    { readonly engines: { readonly node: string } }
  t.equal(engines.node, `>=${oldestNode}`)
})
