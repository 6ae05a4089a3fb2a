import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { faultOf } from '../supervision/faults.ts'

/**
 * What a failed flush means for its values.
 * - `pardon`: a refusal that asks to be repeated (busy, full, suspended) costs them nothing.
 * - `strike`: nobody's fault among them, and no promise that it will pass: tried again whole, so many times.
 * - `split`: one of them may be to blame: the batch is halved until the culprit is alone.
 * - `fatal`: nothing will be written any more, whatever the values.
 */
export type Verdict = 'pardon' | 'strike' | 'split' | 'fatal'

/** Nobody is there to write, or what should is not: no value is to blame, and none can succeed. */
const fatal = new Set(['closed', 'writer-stopped', 'unknown-procedure', 'procedures-not-loaded'])

export function verdict({ code, retryable, outcome }: LockkeeperError): Verdict {
  if (fatal.has(code)) return 'fatal'
  if (retryable) return 'pardon'
  // Of a fault of the file or the disk halves would fail as the whole did. What may be stored is flushed again: flush
  // procedures bear repetition.
  return outcome === 'unknown' || faultOf(code) !== undefined ? 'strike' : 'split'
}
