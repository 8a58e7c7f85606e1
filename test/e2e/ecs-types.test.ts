import t from 'tap'
import { shippedTask, shippedTasks } from '../ecs/task-definitions.ts'
import { typeMistakes } from '../ecs/task-types.ts'

t.test('they are what the AWS SDK takes for RegisterTaskDefinition, and what is not is found', async t => {
  const shipped = shippedTasks()
  const { text } = shippedTask('firelens-fargate')
  const wrong = [
    ['"stopTimeout"', '"stopTimeOut"', /"stopTimeOut"' does not exist/],
    ['"HEALTHY"', '"HEALTHLY"', /"HEALTHLY"/],
    ['"fluentbit"', '"fluent-bit"', /"fluent-bit"/],
    ['"awsvpc"', '"vpc"', /"vpc"/],
    ['"essential": true', '"essential": "true"', /'string' is not assignable to type 'boolean/],
    ['"family"', '"familie"', /"familie"' does not exist/],
  ] as const
  for (const [from] of wrong) t.ok(text.includes(from), `${from} is there to be spoilt`)
  const found = typeMistakes([...shipped.map(each => each.text), ...wrong.map(([from, to]) => text.replace(from, to))])
  t.same(found.slice(0, shipped.length), shipped.map(() => []), 'no mistakes in what is shipped')
  for (const [index, [, to, pattern]] of wrong.entries()) {
    t.match(found[shipped.length + index]?.join('\n'), pattern, to)
  }
})
