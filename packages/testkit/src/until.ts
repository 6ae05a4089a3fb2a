import { conditionMsMax, lookEveryMs } from './limits.ts'

/**
 * Waits for a condition that no event tells of: looks at it until it holds.
 *
 * @throws Error naming the condition, if it does not come true in time.
 *
 * @example
 * await until('the writer stopped', () => db.report().states.writer === 'stopped')
 */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const endsAtMs = performance.now() + conditionMsMax
  while (!holds()) {
    if (performance.now() > endsAtMs) throw new Error(`Waited ${conditionMsMax} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}
