import { loadConfig } from '../../src/config/load.ts'
import type { Outcome } from '../../src/contracts/outcome.ts'
import { createRecord, stream, type LogRecord, type Stream } from '../../src/contracts/record.ts'
import { createInbound } from '../../src/pipeline/inbound.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from './manual-clock.ts'
import { recordingLog } from './recording-log.ts'

export interface RuledOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Called for each line that reaches a spool; false: it finds no room there. */
  readonly onAppend?: (route: string, line: string) => boolean
}

/** The inbound half with the rules of a piece of YAML; what reaches a spool counts as delivered. */
export function ruledWorld (yaml: string, { env = {}, onAppend = () => true }: RuledOptions = {}) {
  const { config } = loadConfig({ env: { ...env, SLUICE_CONFIG_YAML: yaml }, readFile: () => '' })
  const ledger = new Ledger()
  const metrics = new Metrics()
  const { log } = recordingLog()
  const clock = new ManualClock()
  const written: string[] = []
  const told: Outcome[] = []
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: ({ name }) => (_timeMs, _container, bytes, start, end) => {
      const line = bytes.toString('utf8', start, end)
      const isTaken = onAppend(name, line)
      if (isTaken) written.push(`${name} ${line}`)
      const counter = isTaken ? ledger.counter('delivered', name) : ledger.counter('dropped', name, 'memory')
      counter.value++
      return isTaken
    },
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock,
    ledger,
    metrics,
    log,
    listener: (_record, outcome) => { told.push({ ...outcome }) },
  })
  const acceptor = inbound.acceptor('test')
  const recordOf = (line: string, from: Stream, container: string): LogRecord => {
    const bytes = Buffer.from(`<${line}>`)
    return { ...createRecord(), bytes, start: 1, end: bytes.length - 1, stream: from, container }
  }
  /** Takes one record. @returns whether it was accepted */
  const take = (line: string, from: Stream = stream.stdout, container = 'web') => acceptor.accept(recordOf(line, from, container))
  const matched = (rule: string) => metrics.counter('sluice_rule_matched_total', rule).value
  return { config, take, inbound, clock, ledger, metrics, written, told, matched }
}
