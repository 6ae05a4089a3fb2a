import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ReadAnswer, ReadWork } from './read-work.ts'

/** A read from its call to its answer. */
export interface PendingRead {
  readonly work: ReadWork
  readonly label: string | undefined
  /** Reader threads that died while running it: it is run once more, then refused. */
  strikes: number
  answer(answer: Exclude<ReadAnswer, { kind: 'error' }>): void
  fail(error: LockkeeperError): void
}
