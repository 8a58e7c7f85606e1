import { table } from '../src/cli/table.ts'
import { readArguments } from './arguments.ts'
import { isError, lineOf } from './lines.ts'
import { createWay, framesOf, type Frames } from './way.ts'

const help = `CPU of a line on its way in, by how many containers write in turns: µs a line,
and beside one container. From the bytes of sockets to memory where the spool
would be.

  npm run bench -- senders --containers 1,300 --rounds 3

  --containers LIST  (1,10,100)
  --lines N          of each round (20,000)
  --rounds N         (9)

On one connection they write a line each; on a connection each, as much as a
socket gives at once. "By container": the key names it.
`

const values = readArguments(help, { containers: [1, 10, 100], lines: 20_000, rounds: 9 })
const { lines: lineCount } = values
const lines = Array.from({ length: lineCount * 2 }, (_, sequence) => sequence)
  .filter(sequence => !isError(sequence)).slice(0, lineCount).map(lineOf)

interface Case { readonly key: string, readonly connections: string, readonly containers: number }

const keys = { default: {}, 'by container': { SLUICE_OBJECTS_KEY: '{class}/{container}/{segment}.ndjson.{ext}' } }

/** @returns does it once, with what was sent and what takes it made before */
function workOf ({ key, connections, containers }: Case): () => number {
  const inTurns: readonly Frames[] = connections === 'one'
    ? [framesOf('stdout', lines, containers)]
    : Array.from({ length: containers }, (_, first) =>
      framesOf('stdout', lines.filter((_, line) => line % containers === first), 1, first))
  const way = createWay(true, keys[key as keyof typeof keys], inTurns.length)
  return () => inTurns.reduce((sum, frames, connection) => sum + way(frames, connection), 0)
}

const cases = Object.keys(keys).flatMap(key => ['one', 'a connection each'].flatMap(connections =>
  values.containers.map((containers): Case => ({ key, connections, containers }))))
const works = cases.map(workOf)
const figures = cases.map((): number[] => [])
for (let round = -2; round < values.rounds; round++) {
  for (const [index, work] of works.entries()) {
    const before = process.cpuUsage()
    const taken = work()
    const { user, system } = process.cpuUsage(before)
    if (taken !== lineCount) throw new Error(`${taken} of ${lineCount} lines`)
    // The first rounds pay for what is compiled.
    if (round >= 0) figures[index]?.push((user + system) / lineCount)
  }
}
const median = (of: readonly number[]) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? NaN
const rows = cases.map(({ key, connections, containers }, index) => {
  const first = cases.findIndex(one => one.key === key && one.connections === connections)
  const [one, other] = [median(figures[index] ?? []), median(figures[first] ?? [])]
  return [key, connections, String(containers), one.toFixed(2), `${(one / other).toFixed(2)}×`]
})
console.log(table([['KEY', 'CONNECTIONS', 'CONTAINERS', 'CPU µs A LINE', 'RATIO'], ...rows], [2, 3, 4]))
