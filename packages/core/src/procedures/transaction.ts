import type { Connection, Statement } from '../engine/port.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertWanted, type Cancellation, cancelled } from '../interrupts/cancellation.ts'
import type { Changes, ReadTransaction, SqlParameters, SqlValue, WriteTransaction } from './define.ts'

/** Says whether somebody more urgent than the running batch waits. */
export interface Urgency {
  readonly yieldWanted: boolean
}

/**
 * The handle a procedure holds. It dies with its transaction (promise 9): a handle kept in a closure would otherwise write
 * into somebody else's transaction.
 */
export class TransactionHandle implements WriteTransaction {
  readonly #connection: Connection
  readonly #cancellation: Cancellation | undefined
  readonly #urgency: Urgency | undefined
  #ended = false

  /** @param cancellation looked at before every statement. */
  constructor(connection: Connection, cancellation?: Cancellation, urgency?: Urgency) {
    this.#connection = connection
    this.#cancellation = cancellation
    this.#urgency = urgency
  }

  get shouldYield(): boolean {
    return this.#urgency?.yieldWanted ?? false
  }

  end(): void {
    this.#ended = true
  }

  run(sql: string, parameters?: SqlParameters): Changes {
    const statement = this.#prepare(sql)
    if (!statement.yieldsRows) return statement.run(parameters)
    statement.arrays(parameters)
    return this.#connection.lastChanges()
  }

  all<Row = Record<string, SqlValue>>(sql: string, parameters?: SqlParameters): Row[] {
    return this.#prepare(sql).objects(parameters) as Row[]
  }

  first<Row = Record<string, SqlValue>>(sql: string, parameters?: SqlParameters): Row | undefined {
    return this.#prepare(sql).firstObject(parameters) as Row | undefined
  }

  value<Value = SqlValue>(sql: string, parameters?: SqlParameters): Value | undefined {
    return this.#prepare(sql).firstArray(parameters)?.[0] as Value | undefined
  }

  #prepare(sql: string): Statement {
    assertWanted(this.#cancellation)
    // SQLite ends a transaction by itself on some errors; a procedure that caught one would go on in autocommit.
    if (!this.#ended && this.#connection.inTransaction) return this.#connection.prepare(sql)
    throw new LockkeeperError(
      'The transaction of this handle has ended: use the handle only inside the procedure that was given it',
      { code: 'transaction-ended', stage: 'execute' },
    )
  }
}

/**
 * Runs a procedure's body with a handle that lives exactly as long as the call. One that its caller has given up fails, even
 * if its body returns: it may have caught the error of an interrupted query, and gone on without those rows.
 *
 * @throws LockkeeperError `procedure-async` where the body returns a promise; its caller rolls back.
 */
export function runProcedure<Output>(
  connection: Connection,
  name: string,
  body: (tx: never, input: never) => Output,
  input: unknown,
  cancellation?: Cancellation,
  urgency?: Urgency,
): Output {
  const handle = new TransactionHandle(connection, cancellation, urgency)
  try {
    const output = (body as (tx: ReadTransaction, input: unknown) => Output)(handle, input)
    if (isPromiseLike(output)) throw asyncProcedure(name, output)
    assertWanted(cancellation)
    return output
  } catch (thrown) {
    throw cancellation?.isCancelled ? cancelled(thrown) : thrown
  } finally {
    handle.end()
  }
}

/**
 * A procedure can catch the error that ended its transaction, and return as if its work would be committed. What is run
 * after that would be stored at once, for work that is not.
 *
 * @throws LockkeeperError `transaction-ended`
 */
export function assertInTransaction(connection: Connection, what: string): void {
  if (connection.inTransaction) return
  throw new LockkeeperError(
    `${what} went on after an error had ended its transaction, so nothing of it is stored: let such errors pass`,
    { code: 'transaction-ended', stage: 'execute' },
  )
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

export function asyncProcedure(name: string, promise: PromiseLike<unknown>): LockkeeperError {
  // What the promise comes to is nobody's any more; unhandled, its rejection would end the thread.
  promise.then(undefined, () => {})
  return new LockkeeperError(
    `The procedure ${name} returned a promise. Inside a transaction nothing but SQL happens: fetch and compute first, then call the procedure with the result`,
    { code: 'procedure-async', stage: 'execute' },
  )
}
