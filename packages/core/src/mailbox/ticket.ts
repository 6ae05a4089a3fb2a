import type { LockkeeperError } from '../errors/lockkeeper-error.ts'

/** How a write ended: never a rejection. */
export type TicketOutcome<Result> =
  | { readonly outcome: 'committed'; readonly result: Result }
  | { readonly outcome: 'committed' | 'not-stored' | 'unknown'; readonly error: LockkeeperError }

/**
 * What a write returns at once. Await it for the result, after COMMIT; or await {@link Ticket.outcome}, which never
 * rejects. It is a lazy thenable: its promise is made when somebody awaits it, so a ticket that nobody awaits costs no
 * promise and raises no unhandled rejection when it fails, but the event `write-failed`.
 *
 * @example
 * const ticket = db.write('insert into notes values (?, ?)', ['n1', 'hi'])
 * const { changes } = await ticket
 */
export interface Ticket<Result> extends PromiseLike<Result> {
  /** The place in the order of admission; undefined until the write is admitted to its lane. */
  readonly seq: number | undefined
  /** How the write ended; never rejects. */
  outcome(): Promise<TicketOutcome<Result>>
  catch<Otherwise = never>(
    onRejected: (reason: unknown) => Otherwise | PromiseLike<Otherwise>,
  ): Promise<Result | Otherwise>
  finally(onFinally: () => void): Promise<Result>
}
