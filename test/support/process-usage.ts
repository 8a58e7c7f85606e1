import { readdirSync, readFileSync } from 'node:fs'

/** Of all threads of a process that live, since each began. */
export interface Used {
  readonly cpuMs: number
  /** How often one of them had nothing to do and was woken: load of the machine adds none. */
  readonly wakeUps: number
  /** Of the thread that runs JavaScript: how often Node compiles and collects garbage in others is its own affair. */
  readonly loopWakeUps: number
}

export function usedBy (pid: number): Used {
  let [cpuMs, wakeUps, loopWakeUps] = [0, 0, 0]
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const read = (file: string) => readFileSync(`/proc/${pid}/task/${thread}/${file}`, 'utf8')
    cpuMs += Number(read('schedstat').split(' ')[0]) / 1e6
    const count = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read('status'))?.[1])
    wakeUps += count
    if (Number(thread) === pid) loopWakeUps = count
  }
  return { cpuMs, wakeUps, loopWakeUps }
}

// Used by bench/steady.ts and test/alone/ordinary-second.test.ts
