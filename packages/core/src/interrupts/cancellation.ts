import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'

/** How a thread sees, between two statements, that nobody waits any more for what it does. */
export interface Cancellation {
  readonly isCancelled: boolean
}

/** @throws LockkeeperError `aborted`. The caller was told its own reason, by the app's thread. */
export function assertWanted(cancellation: Cancellation | undefined): void {
  if (cancellation?.isCancelled) throw cancelled()
}

/** @param cause what the work made of it, if it noticed before. */
export function cancelled(cause?: unknown): LockkeeperError {
  if (isLockkeeperError(cause, 'aborted')) return cause
  return new LockkeeperError('Its caller has given this work up: let such errors pass', {
    code: 'aborted',
    stage: 'execute',
    cause,
  })
}
