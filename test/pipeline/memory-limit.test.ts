import t from 'tap'
import { cgroupLimitBytes } from '../../src/pipeline/memory-limit.ts'

const noLimit = '9223372036854771712'

function limitOf (files: Readonly<Record<string, string>>): number | undefined {
  return cgroupLimitBytes(path => files[path])
}

t.test('version 2: within a container, on a host below others, and without a limit', async t => {
  t.equal(limitOf({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': '268435456' }), 268_435_456)
  t.equal(limitOf({
    '/proc/self/cgroup': '0::/system.slice/sluice.service',
    '/sys/fs/cgroup/system.slice/sluice.service/memory.max': 'max',
    '/sys/fs/cgroup/system.slice/memory.max': '1000',
    '/sys/fs/cgroup/memory.max': '2000',
  }), 1000, 'the least of all levels')
  t.equal(limitOf({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/memory.max': 'max' }), undefined)
})

t.test('version 1: the container\'s own cgroup is at the root of the mount, whatever its path is', async t => {
  const cgroup = '9:name=systemd:/\n8:cpu,cpuacct:/ecs/a/b\n4:memory:/ecs/a/b\n0::/'
  t.equal(limitOf({ '/proc/self/cgroup': cgroup, '/sys/fs/cgroup/memory/memory.limit_in_bytes': '134217728' }), 134_217_728)
  t.equal(limitOf({
    '/proc/self/cgroup': cgroup,
    '/sys/fs/cgroup/memory/ecs/a/b/memory.limit_in_bytes': '3000',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': noLimit,
  }), 3000)
  t.equal(limitOf({ '/proc/self/cgroup': cgroup, '/sys/fs/cgroup/memory/memory.limit_in_bytes': noLimit }), undefined)
})

t.test('a system that tells nothing, or nonsense, has no limit', async t => {
  t.equal(limitOf({}), undefined)
  t.equal(limitOf({ '/proc/self/cgroup': 'what\n0::/', '/sys/fs/cgroup/memory.max': 'much' }), undefined)
  t.equal(limitOf({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/memory.max': '0' }), undefined)
})
