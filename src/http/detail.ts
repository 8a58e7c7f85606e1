import { isLoopback } from '../config/address.ts'
import type { HealthFacts } from './health.ts'

/** Whether `/health` names destinations: as the setting says, else only where no other machine can ask. */
export function showsNames (detail: 'auto' | 'full' | 'plain', host: string): boolean {
  if (detail !== 'auto') return detail === 'full'
  return isLoopback({ host })
}

/**
 * The same facts without what belongs to the account: a destination is its kind, an error its reason. What AWS answers
 * names account, role and bucket in words of its own, so nothing of it is kept. What is wrong with the spool is said in
 * our words, which name nothing.
 */
export function withoutNames (facts: HealthFacts): HealthFacts {
  return {
    ...facts,
    routes: facts.routes.map(route => ({
      ...route,
      destination: '',
      lastError: route.lastError && { ...route.lastError, message: `${route.lastError.reason} (the log says more)` },
    })),
  }
}
