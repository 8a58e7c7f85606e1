import t from 'tap'
import { logLinks, objectLinks, taskLinks } from '../../../src/http/page/console-links.ts'

const logs = { region: 'eu-west-1', group: '/ecs/Shop', streamStart: '', inStream: '' }
const objects = { region: 'eu-west-1', bucket: 'shop-logs', prefix: 'live/', words: 'objects' }

t.test('a log group and its query, as the console writes their addresses', async t => {
  const [group, query] = logLinks(logs)
  t.equal(group?.url, 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252FShop')
  t.match(query?.url, /#logsV2:logs-insights\$3FqueryDetail\$3D~\(end~0~start~-3600~/)
  t.match(query?.url, "~source~(~'*2fecs*2fShop))")
})

t.test('of a task, its streams, and a query of its lines', async t => {
  const [streams, query] = logLinks({ ...logs, group: 'shop', streamStart: 'web/0123', inStream: '0123' })
  t.match(streams?.url, /log-group\/shop\$3FlogStreamNameFilter\$3Dweb\$252F0123$/)
  t.match(query?.url, '*7c*20filter*20strcontains*28*40logStream*2c*20*220123*22*29')
})

t.test('a task in its cluster, where both are known', async t => {
  t.same(taskLinks({ region: 'eu-west-1', cluster: 'live', task: '0123' }).map(({ url }) => url),
    ['https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/live/tasks/0123?region=eu-west-1'])
  t.same(taskLinks({ region: '', cluster: 'live', task: '0123' }), [])
  t.same(taskLinks({ region: 'eu-west-1', cluster: '', task: '' }), [])
})

t.test('a bucket at its prefix', async t => {
  t.equal(objectLinks(objects)[0]?.url,
    'https://eu-west-1.console.aws.amazon.com/s3/buckets/shop-logs?region=eu-west-1&prefix=live%2F&showversions=false')
  t.match(objectLinks({ ...objects, prefix: 'a b+%/' })[0]?.url, '&prefix=a%20b%2B%25%2F&')
})

t.test('no link where the place is not known', async t => {
  t.same(logLinks({ ...logs, region: '' }), [])
  t.same(objectLinks({ ...objects, region: '' }), [])
  t.same(objectLinks({ ...objects, bucket: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/logs' }), [])
  t.match(objectLinks({ ...objects, region: 'cn-north-1' })[0]?.url, 'https://cn-north-1.console.amazonaws.cn/')
})
