import type { HealthReport } from '../../src/http/health.ts'
import type { SluiceProcess } from './sluice-process.ts'

/** Settings under which an operator can ask, and what fails is soon tried again. */
export const observed = {
  SLUICE_HTTP: '127.0.0.1:0',
  SLUICE_OBJECTS_MAX_AGE: '100ms',
  SLUICE_EVENTS_MAX_AGE: '50ms',
  SLUICE_DELIVERY_BACKOFF_MIN: '50ms',
  SLUICE_DELIVERY_BACKOFF_MAX: '100ms',
  SLUICE_STOP_QUIET: '100ms',
} as const

/** What the pages of a running process say. */
export interface Operator {
  live (): Promise<number>
  health (): Promise<HealthReport>
}

/** Resolves when the process listens for records and for questions. */
export async function askAt (sluice: SluiceProcess): Promise<Operator> {
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const ask = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`)
  return {
    live: async () => (await ask('/health/live')).status,
    health: async () => await (await ask('/health')).json() as HealthReport,
  }
}
