import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { taskDiskOf } from '../../src/pipeline/task-disk.ts'

function taskDisk (env: Readonly<Record<string, string>>) {
  const { config } = loadConfig({ configFile: undefined, env, readFile: () => { throw Object.assign(new Error(), { code: 'ENOENT' }) } })
  return taskDiskOf(routesOf(config))
}

const both = { SLUICE_BUCKET: 'shop-logs', SLUICE_LOG_GROUP: '/ecs/shop' }

t.test('with neither destination set, every class goes to the disk of the task', async t => {
  const found = taskDisk({})
  t.match(found, { routes: ['access', 'error', 'app', 'invalid'], advice: /^set SLUICE_BUCKET and SLUICE_LOG_GROUP,/ })
  t.equal(found?.words, 'lines are delivered to files on ECS: the disk of a task ends with the task ' +
    '(access, error, app, invalid): set SLUICE_BUCKET and SLUICE_LOG_GROUP, unless file.directory is on a volume that outlives it')
})

t.test('one that is missing is named with its classes; with both there is nothing to tell', async t => {
  t.match(taskDisk({ ...both, SLUICE_BUCKET: '' }), { routes: ['access', 'app', 'invalid'], advice: /^set SLUICE_BUCKET,/ })
  t.match(taskDisk({ ...both, SLUICE_LOG_GROUP: '' }), { routes: ['error'], advice: /^set SLUICE_LOG_GROUP,/ })
  t.match(taskDisk({ ...both, SLUICE_LOG_GROUP: '', SLUICE_ROUTES_APP_TO: 'cloudwatch' }), {
    routes: ['error', 'app'], advice: /^set SLUICE_LOG_GROUP,/,
  })
  t.equal(taskDisk(both), undefined)
})

t.test('a route of a container\'s own counts', async t => {
  const yaml = 'containers: { web: { key: "web/{segment}" } }'
  t.match(taskDisk({ ...both, SLUICE_BUCKET: '', SLUICE_CONFIG_YAML: yaml })?.routes, /access\.web/)
  t.equal(taskDisk({ ...both, SLUICE_CONFIG_YAML: yaml }), undefined)
})
