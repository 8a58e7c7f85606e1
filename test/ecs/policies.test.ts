import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { actionsOfMember, actionsOfName } from './aws-actions.ts'
import { callsOf, filesByRole, sdkPackages, sourceFiles, type Calls } from './aws-calls.ts'
import { actionsOf, directory, shippedPolicies, type Policy } from './policies.ts'
import { readTemplate, shippedTemplateText } from './template-world.ts'

const files = sourceFiles()
const calls = callsOf(files)
const roles = filesByRole()
const policies = shippedPolicies()
const ofTask = [...policies].filter(([name]) => name.startsWith('task-'))

function policyOf (name: string): Policy {
  const policy = policies.get(name)
  if (policy === undefined) throw new Error(`the policy ${name} was expected`)
  return policy
}

/** What of the source the tables do not know. */
function unknown ({ names, members }: typeof calls): string[] {
  return [...names.filter(name => !(name in actionsOfName)), ...members.filter(member => !(member in actionsOfMember))]
}

t.test('every call of AWS in the source, and what it sends, is known with its permissions', async t => {
  t.ok(calls.names.includes('PutObjectCommand') && calls.members.includes('PutObject.Key'), 'calls are found')
  t.same(unknown(calls), [])
})

t.test('a call, a member or a way to call that is added to the source is found', async t => {
  const added = (text: string) => unknown(callsOf([...files, { path: 'sinks/s3/added.ts', text }]))
  t.same(added('await client.send(new aws.sdk.DeleteObjectCommand({ Bucket, Key }))')
    .filter(each => !each.startsWith('DeleteObject.')), ['DeleteObjectCommand'])
  t.same(added('const input = { ObjectLockMode: mode }'), ['PutObject.ObjectLockMode'])
  t.same(added('input.WebsiteRedirectLocation = path'), ['PutObject.WebsiteRedirectLocation'])
  t.same(added('const Command = sdk["HeadBucketCommand"]').filter(each => !each.includes('.')), ['HeadBucketCommand'])
  t.same(added('await new S3({}).listBuckets()'), ['S3'])
  t.same(added("export { HeadBucketCommand as Other } from '@aws-sdk/client-s3'").filter(each => !each.includes('.')), [
    'HeadBucketCommand',
  ])
  t.same(added('for await (const page of paginateListObjectsV2(config, input)) use(page)'), ['paginateListObjectsV2'])
  t.same(added('const { fromCognitoIdentity } = await import(name)'), ['fromCognitoIdentity'])
})

t.test('no other package of AWS is there to call it with', async t => {
  const source = files.map(({ text }) => text).join('\n')
  const packages = new Set([...source.matchAll(/'(@(?:aws-sdk|smithy)\/[a-z0-9-]+)/g)].map(([, name = '']) => name))
  t.same([...packages].sort(), Object.keys(sdkPackages).sort())
})

t.test('the policies of the task allow what the source needs, and nothing else', async t => {
  t.same(actionsOf(ofTask.map(([, policy]) => policy)), neededFor(callsOf(roles.task)))
  t.same(actionsOf([policyOf('task-minimal')]), ['logs:CreateLogStream', 'logs:PutLogEvents', 's3:PutObject'])
  const seen = ofTask.flatMap(([, policy]) => policy.Statement.flatMap(({ Action }) => Action))
  t.equal(new Set(seen).size, seen.length, 'no action is in two of them')
})

t.test('the policy of an operator allows what only sluice replay needs, and a task has nothing of it', async t => {
  const needed = neededFor(callsOf(roles.operator))
  t.same(actionsOf([policyOf('operator-replay')]), needed)
  t.same(needed, ['s3:GetObject', 's3:ListBucket'])
  t.same(actionsOf(ofTask.map(([, policy]) => policy)).filter(action => needed.includes(action)), [])
})

/** The actions that calls need, each once. */
function neededFor ({ names, members }: Calls): string[] {
  const actions = [
    ...names.flatMap(name => actionsOfName[name] ?? []), ...members.flatMap(member => actionsOfMember[member] ?? []),
  ]
  return [...new Set(actions)].sort()
}

t.test('no policy says more than it has to', async t => {
  for (const [name, { Version, Statement }] of policies) {
    t.equal(Version, '2012-10-17', name)
    for (const { Effect, Action, Resource, Sid } of Statement) {
      t.equal(Effect, 'Allow')
      t.notMatch(JSON.stringify(Action), /\*/, `${name}: no action with a wildcard`)
      if (Sid !== undefined) t.match(Sid, /^[A-Za-z0-9]+$/, `${name}: IAM takes no other characters`)
      // Signing in to the registry has no resource.
      if (Action.includes('ecr:GetAuthorizationToken')) continue
      for (const resource of [Resource ?? []].flat()) t.match(resource, /^arn:aws:/, `${name}: a resource is named`)
    }
  }
})

t.test('each action of a policy has its reason on the page beside it, and no other has', async t => {
  const page = readFileSync(join(directory, 'README.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `iam\/([\w-]+)\.json` \| `(\w+:\w+)` \| .*\S.* \|$/gm)].map(([, file, action]) => `${file} ${action}`)
  const shipped = [...policies].filter(([name]) => !name.startsWith('trust-'))
    .flatMap(([name, policy]) => actionsOf([policy]).map(action => `${name} ${action}`))
  t.same(rows.sort(), shipped.sort())
})

t.test('the roles of the template may do what the least policies say', async t => {
  const { Resources } = readTemplate(shippedTemplateText())
  const actions = (role: string) => [...new Set(actionsWithin(Resources[role]?.Properties['Policies']))].sort()
  t.same(actions('TaskRole'), actionsOf([policyOf('task-minimal'), policyOf('task-kms')]))
  t.same(actions('ExecutionRole'), actionsOf([policyOf('execution')]))
})

/** Every action that is named anywhere in a value, also in one branch of a condition. */
function actionsWithin (value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => key === 'Action' ? each as string | string[] : actionsWithin(each))
}
