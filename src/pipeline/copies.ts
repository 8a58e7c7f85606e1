import type { LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'
import type { OwnRule } from '../filter/rules/rules.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import type { Handlers } from './handlers.ts'
import type { Outlet, Outlets } from './outlets.ts'
import type { Redaction } from './redaction.ts'
import type { Rescue } from './rescue.ts'

/**
 * Puts a record into the further routes that the settings or its rule name. Each copy is a record of its own: it counts
 * as made, and ends on its own route. That a copy is dropped or cannot be encoded costs the record itself nothing, so
 * it withholds no ack.
 *
 * @param outlet that of the record itself, which gets no copy
 * @returns the names of the routes
 */
export type PutCopies = (
  line: LogRecord, verdict: Verdict, outlets: Outlets, own: OwnRule | undefined, outlet: Outlet, isHeld: boolean
) => readonly string[]

export interface CopiesOptions {
  readonly ledger: Ledger
  readonly rescue: Rescue
  readonly handlers: Pick<Handlers, 'asItCame'>
  readonly redaction: Redaction | undefined
}

export function createCopies ({ ledger, rescue, handlers, redaction }: CopiesOptions): PutCopies {
  const made = ledger.counter('made', 'copy')

  function put (line: LogRecord, verdict: Verdict, copy: Outlet, isHeld: boolean): void {
    made.value++
    try {
      copy.put(line, verdict, isHeld)
    } catch (error) {
      rescue.tell('encode', error)
      const redacted = redaction?.redactFailed(line) ?? line
      rescue.put(redacted, handlers.asItCame(line).named(copy.route.name), isHeld)
    }
  }

  return (line, verdict, outlets, own, outlet, isHeld) => {
    const always = outlets.copiesOf(line.container)
    if (own === undefined || (own.copyTo.length === 0 && own.route === undefined)) {
      for (const copy of always.outlets) put(line, verdict, copy, isHeld)
      return always.names
    }
    const names = [...new Set([...always.names, ...own.copyTo])].filter(name => name !== outlet.route.name)
    for (const name of names) put(line, verdict, outlets.named(name), isHeld)
    return names
  }
}

// Tested in test/pipeline/own-rules.test.ts
