import { Fifo } from './fifo.ts'
import { StoreError } from './store.ts'
import { StoreConnection, type StoreThreadData, type ToStoreThread } from './store-connection.ts'

interface Waiting {
  readonly lend: (connection: StoreConnection) => void
  readonly refuse: (error: Error) => void
}

/** Connections to be borrowed. Who finds none waits in a line that has no bound and no deadline. */
export class ConnectionPool {
  readonly #connections: readonly StoreConnection[]
  readonly #idle: StoreConnection[]
  readonly #line = new Fifo<Waiting>()

  private constructor(connections: readonly StoreConnection[]) {
    this.#connections = connections
    this.#idle = [...connections]
  }

  static async start(size: number, data: StoreThreadData): Promise<ConnectionPool> {
    return new ConnectionPool(
      await Promise.all(Array.from({ length: size }, () => StoreConnection.start(data))),
    )
  }

  /** Borrows a connection for one thing, and gives it back. @throws StoreError */
  async ask(message: ToStoreThread): Promise<unknown[]> {
    const connection = await this.#borrow()
    try {
      return await connection.ask(message)
    } finally {
      this.#giveBack(connection)
    }
  }

  /** Waits for those that are lent, and ends all. */
  async leave(): Promise<void> {
    for (const _ of this.#connections) await this.#borrow()
    await Promise.all(this.#connections.map((connection) => connection.leave()))
  }

  /** Whoever waits in line goes without. What is under way goes on. */
  refuseWaiting(): void {
    const error = new StoreError('The store was closed before this had its turn', undefined)
    for (const { refuse } of this.#line.take(this.#line.length)) refuse(error)
  }

  async #borrow(): Promise<StoreConnection> {
    return this.#idle.pop() ?? new Promise((lend, refuse) => this.#line.push({ lend, refuse }))
  }

  #giveBack(connection: StoreConnection): void {
    const [next] = this.#line.take(1)
    if (next === undefined) this.#idle.push(connection)
    else next.lend(connection)
  }
}
