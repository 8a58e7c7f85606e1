import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { containerLayer, parseStart, systemProcesses } from '../../src/spool/processes.ts'

t.test('a start time is read behind the last parenthesis; remains of a process are none', async t => {
  const fields = (state: string) => `42 (a) b (c) ${state} ${Array.from({ length: 49 }, (_, index) => index + 4).join(' ')}`
  t.equal(parseStart(fields('S')), '22')
  t.equal(parseStart(fields('Z')), 'ended')
  t.equal(parseStart(fields('X')), 'ended')
  t.equal(parseStart(''), undefined)
})

t.test('a container is told by the directory of its changes', async t => {
  const line = (options: string) =>
    `22 1 0:20 / /proc rw - proc proc rw\n700 600 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/l/A:/l/B,${options}\n`
  t.equal(containerLayer(line('upperdir=/o/42/diff,workdir=/o/42/work')), '/o/42/diff')
  t.equal(containerLayer(line('workdir=/o/42/work')), undefined)
  t.equal(containerLayer('700 600 0:50 / / rw - ext4 /dev/vda1 rw\n'), undefined)
  t.equal(containerLayer('700 600 0:50 / /mnt rw - overlay overlay rw,upperdir=/o/42/diff\n'), undefined)
  t.equal(containerLayer(''), undefined)
})

t.test('the system knows this process, and that a process that ended has', async t => {
  t.not(await systemProcesses.startOf(process.pid), 'ended')
  const child = fork(join(import.meta.dirname, 'lease-holder.ts'), [join(t.testdir(), 'host')], { execArgv: [] })
  await once(child, 'message')
  const { pid = 0 } = child
  t.not(await systemProcesses.startOf(pid), 'ended')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(await systemProcesses.startOf(pid), 'ended')
})

t.test('the place of a process is the same whenever it is asked for', async t => {
  const place = await systemProcesses.place()
  t.not(place, '')
  t.equal(await systemProcesses.place(), place)
  t.equal(await systemProcesses.container(), await systemProcesses.container())
})
