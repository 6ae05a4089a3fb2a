import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { withoutStack } from '../errors/without-stack.ts'

/** The oldest value gave way to a newer one of another key. */
export function gaveWay(): LockkeeperError {
  return withoutStack(
    () =>
      new LockkeeperError(
        'The coalescer held its fill, and this value was the oldest: it gave way to a newer one. Offer less, or let it hold more',
        { code: 'queue-full', stage: 'admission', outcome: 'not-stored' },
      ),
  )
}

/** An earlier flush with the value ended with an unknown outcome, so that nobody can say that it is not stored. */
export function perhapsStored(error: LockkeeperError): LockkeeperError {
  const { code, stage, retryable, retryAfterMs, label } = error
  const message = `${error.message} An earlier flush of it ended with an unknown outcome: it may be stored`
  return withoutStack(
    () =>
      new LockkeeperError(message, {
        ...{ code, stage, retryable, retryAfterMs, label },
        outcome: 'unknown',
        cause: error,
      }),
  )
}
