import { availableParallelism } from 'node:os'
import { lockWaitMsMax, rivalConnections, sharedPool } from '../limits.ts'
import { ConnectionPool } from './connection-pool.ts'
import { makeTables } from './raw-connection.ts'
import { RegularCheckpoint } from './regular-checkpoint.ts'
import type { Store, StoreCounts } from './store.ts'

/**
 * The first generation: one pool of connections that may write, from which everybody borrows, readers too. Writers race into
 * BEGIN IMMEDIATE; one wins, and the others sleep in SQLite’s busy handler for up to ten seconds, a connection each.
 */
export class SharedPool<Peer, Blob> implements Store<Peer, Blob> {
  readonly #pool: ConnectionPool
  readonly #checkpoint: RegularCheckpoint
  #transactions = 0

  private constructor(pool: ConnectionPool) {
    this.#pool = pool
    this.#checkpoint = new RegularCheckpoint(sharedPool.checkpointEveryMs, () =>
      pool.ask({ kind: 'checkpoint', mode: 'passive' }),
    )
  }

  /** @param work module with a `work`: see `WorkModule`. */
  static async open<Peer, Blob>(folder: string, work: URL): Promise<SharedPool<Peer, Blob>> {
    await makeTables(folder, work)
    const pool = await ConnectionPool.start(rivalConnections(availableParallelism()), {
      folder,
      module: work.href,
      settings: { readonly: false, lockWaitMsMax, autoCheckpointPages: sharedPool.checkpointPages },
    })
    return new SharedPool(pool)
  }

  get counts(): StoreCounts {
    return { transactions: this.#transactions, peersLost: 0, checkpoints: this.#checkpoint.done }
  }

  /** A transaction of its own. */
  async writePeer(peer: Peer): Promise<void> {
    await this.#pool.ask({ kind: 'peer', items: [peer] })
    this.#transactions++
  }

  /** Batch after batch; between two of them others may have their turn. */
  async writeBlobs(blobs: readonly Blob[]): Promise<void> {
    const { blobsPerBatch } = sharedPool
    for (let from = 0; from < blobs.length; from += blobsPerBatch) {
      await this.#pool.ask({ kind: 'blob', items: blobs.slice(from, from + blobsPerBatch) })
      this.#transactions++
    }
  }

  async write(sql: string, parameters: readonly unknown[]): Promise<void> {
    await this.#pool.ask({ kind: 'write', sql, parameters })
    this.#transactions++
  }

  read(sql: string, parameters: readonly unknown[] = []): Promise<unknown[]> {
    return this.#pool.ask({ kind: 'read', sql, parameters })
  }

  /** A checkpoint, as it comes round every two seconds. */
  checkpoint(): Promise<void> {
    return this.#checkpoint.run()
  }

  async close(): Promise<void> {
    await this.#checkpoint.stop()
    await this.#pool.leave()
  }

  async abandon(): Promise<void> {
    this.#pool.refuseWaiting()
    await this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
