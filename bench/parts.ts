import { rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { table } from '../src/cli/table.ts'
import { readArguments, say } from './arguments.ts'
import { circumstances, median, shown } from './figures.ts'
import type { Part } from './part.ts'
import { inboundParts } from './parts-inbound.ts'
import { outboundParts } from './parts-outbound.ts'

const help = `The hot parts, each beside its floor: what nobody who does the same can do
without. A part and its floor take turns, so the machine's other work shows in
both; CPU is that of all threads, the median of the rounds.

  npm run bench
`

const rounds = 15
const warmRounds = 5

async function cpuOf (work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

async function measure ({ name, floor, units, work, least }: Part): Promise<string[]> {
  say(`${name} ...`)
  const [own, floors]: [number[], number[]] = [[], []]
  for (let round = 0; round < warmRounds + rounds; round++) {
    const [ownUs, floorUs] = [await cpuOf(work), await cpuOf(least)]
    if (round < warmRounds) continue
    own.push(ownUs / units)
    floors.push(floorUs / units)
  }
  const ratio = median(own.map((each, index) => each / (floors[index] ?? NaN)))
  return [name, shown(median(own), 2), shown(median(floors), 2), ratio.toFixed(1), floor]
}

if (import.meta.main) {
  readArguments(help, {})
  const directory = mkdtempSync(join(tmpdir(), 'sluice-parts-'))
  const undo: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })]
  try {
    const owner = { teardown: (each: () => unknown) => { undo.unshift(each) } }
    const parts = [...inboundParts(), ...await outboundParts(directory, owner)]
    const rows: string[][] = []
    for (const part of parts) rows.push(await measure(part))
    console.log(`${circumstances()}\n`)
    console.log(table([['CPU of a line, µs', 'ours', 'floor', 'ratio', 'the floor'], ...rows], [1, 2, 3]))
  } finally {
    for (const each of undo) await each()
  }
}
