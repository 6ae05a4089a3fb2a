import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import type { PutTicket } from './types.ts'

/**
 * An outcome to come, and a promise only for whoever asks: what nobody awaits costs an object and raises no unhandled rejection.
 * The ticket is for the caller; settling it is not.
 */
export function lazyOutcome(): { readonly ticket: PutTicket; settle(error?: LockkeeperError): void } {
  let ended: TicketOutcome<undefined> | undefined
  let promise: Promise<TicketOutcome<undefined>> | undefined
  let resolve: ((outcome: TicketOutcome<undefined>) => void) | undefined
  const outcome = (): Promise<TicketOutcome<undefined>> => {
    promise ??=
      ended === undefined
        ? new Promise((fulfil) => {
            resolve = fulfil
          })
        : Promise.resolve(ended)
    return promise
  }
  return {
    ticket: new LazyTicket(outcome),
    settle: (error) => {
      if (ended !== undefined) throw new Error('A put was settled twice')
      ended =
        error === undefined
          ? { outcome: 'committed', result: undefined }
          : { outcome: error.outcome ?? 'not-stored', error }
      resolve?.(ended)
    },
  }
}

class LazyTicket implements PutTicket {
  readonly outcome: () => Promise<TicketOutcome<undefined>>

  constructor(outcome: () => Promise<TicketOutcome<undefined>>) {
    this.outcome = outcome
  }

  // biome-ignore lint/suspicious/noThenProperty: a ticket is a thenable by design, so that it costs no promise until awaited
  then<Fulfilled = undefined, Rejected = never>(
    onFulfilled?: ((result: undefined) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#result().then(onFulfilled, onRejected)
  }

  catch<Otherwise = never>(
    onRejected: (reason: unknown) => Otherwise | PromiseLike<Otherwise>,
  ): Promise<undefined | Otherwise> {
    return this.#result().catch(onRejected)
  }

  finally(onFinally: () => void): Promise<undefined> {
    return this.#result().finally(onFinally)
  }

  async #result(): Promise<undefined> {
    const ended = await this.outcome()
    if ('error' in ended) throw ended.error
    return undefined
  }
}
