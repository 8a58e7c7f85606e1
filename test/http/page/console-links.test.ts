import t from 'tap'
import { consoleLinks } from '../../../src/http/page/console-links.ts'

const nowhere = { region: 'eu-west-1', group: '', bucket: '', prefix: '' }

t.test('a log group and its query, as the console writes their addresses', async t => {
  const [group, query] = consoleLinks({ ...nowhere, group: '/ecs/shop' })
  t.equal(group?.url, 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fshop')
  t.match(query?.url, /#logsV2:logs-insights\$3FqueryDetail\$3D~\(end~0~start~-3600~/)
  t.match(query?.url, "~source~(~'*2fecs*2fshop))")
})

t.test('a bucket at its prefix', async t => {
  t.equal(consoleLinks({ ...nowhere, bucket: 'shop-logs', prefix: 'live/' })[0]?.url,
    'https://eu-west-1.console.aws.amazon.com/s3/buckets/shop-logs?region=eu-west-1&prefix=live%2F&showversions=false')
})

t.test('no link where the place is not known', async t => {
  t.same(consoleLinks({ ...nowhere, region: '', bucket: 'shop-logs' }), [])
  t.same(consoleLinks({ ...nowhere, bucket: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/logs' }), [])
  t.match(consoleLinks({ ...nowhere, region: 'cn-north-1', bucket: 'b' })[0]?.url, 'https://cn-north-1.console.amazonaws.cn/')
})
