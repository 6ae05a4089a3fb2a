import type { LockkeeperError } from '../errors/lockkeeper-error.ts'

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

/** The file or the disk is at fault (https://sqlite.org/rescode.html): halves would fail as the whole did. */
const faultsOfTheFile = /^sqlite-(ioerr|corrupt|notadb|readonly|cantopen|perm|auth)/

export function verdict({ code, retryable, outcome }: LockkeeperError): Verdict {
  if (fatal.has(code)) return 'fatal'
  if (retryable) return 'pardon'
  // Flush procedures bear repetition, so what may be stored is flushed again.
  return outcome === 'unknown' || faultsOfTheFile.test(code) ? 'strike' : 'split'
}
