import { availableParallelism } from 'node:os'
import { lockWaitMsMax, rivalConnections, splitPool } from '../limits.ts'
import { BlobFeeder } from './blob-feeder.ts'
import { ConnectionPool } from './connection-pool.ts'
import { PeerQueue } from './peer-queue.ts'
import { makeTables } from './raw-connection.ts'
import { checkpointMode, RegularCheckpoint } from './regular-checkpoint.ts'
import type { Store, StoreCounts } from './store.ts'

/**
 * The second generation: one connection that writes, with a line before it that has no bound and no deadline, and read-only ones
 * for everybody who reads. Checkpoints run on the writer, in line with everything else; SQLite’s automatic ones are off.
 */
export class SplitPool<Peer, Blob> implements Store<Peer, Blob> {
  readonly #writer: ConnectionPool
  readonly #readers: ConnectionPool
  readonly #peers: PeerQueue<Peer>
  readonly #blobs: BlobFeeder<Blob>
  readonly #checkpoint: RegularCheckpoint
  #transactions = 0

  private constructor(folder: string, writer: ConnectionPool, readers: ConnectionPool) {
    this.#writer = writer
    this.#readers = readers
    this.#peers = new PeerQueue((items) => this.#store('peer', items))
    this.#blobs = new BlobFeeder((items) => this.#store('blob', items))
    this.#checkpoint = new RegularCheckpoint(splitPool.checkpointEveryMs, () =>
      writer.ask({ kind: 'checkpoint', mode: checkpointMode(folder, splitPool.truncateAboveBytes) }),
    )
  }

  /** @param work module with a `work`: see `WorkModule`. */
  static async open<Peer, Blob>(folder: string, work: URL): Promise<SplitPool<Peer, Blob>> {
    await makeTables(folder, work)
    const settings = { lockWaitMsMax, autoCheckpointPages: 0 }
    const data = { folder, module: work.href }
    const writer = await ConnectionPool.start(1, { ...data, settings: { ...settings, readonly: false } })
    const readers = await ConnectionPool.start(rivalConnections(availableParallelism()), {
      ...data,
      settings: { ...settings, readonly: true },
    })
    return new SplitPool(folder, writer, readers)
  }

  get counts(): StoreCounts {
    return {
      transactions: this.#transactions,
      peersLost: this.#peers.lost,
      checkpoints: this.#checkpoint.done,
    }
  }

  /** How many callers of `writePeer` wait for room in its queue. */
  get peersWaiting(): number {
    return this.#peers.waiting
  }

  /** Answers when the peer has been taken in. Whether it gets stored nobody is told. */
  writePeer(peer: Peer): Promise<void> {
    return this.#peers.push(peer)
  }

  writeBlobs(blobs: readonly Blob[]): Promise<void> {
    return this.#blobs.write(blobs)
  }

  async write(sql: string, parameters: readonly unknown[]): Promise<void> {
    await this.#writer.ask({ kind: 'write', sql, parameters })
    this.#transactions++
  }

  read(sql: string, parameters: readonly unknown[] = []): Promise<unknown[]> {
    return this.#readers.ask({ kind: 'read', sql, parameters })
  }

  /** A checkpoint, as it comes round every second. */
  checkpoint(): Promise<void> {
    return this.#checkpoint.run()
  }

  async close(): Promise<void> {
    await this.#peers.drain()
    await this.#checkpoint.stop()
    // The writer last: it is the one that may copy the log into the file.
    await this.#readers.leave()
    await this.#writer.leave()
  }

  async abandon(): Promise<void> {
    this.#peers.refuseWaiting()
    this.#writer.refuseWaiting()
    this.#readers.refuseWaiting()
    await this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #store(kind: 'peer' | 'blob', items: readonly unknown[]): Promise<void> {
    await this.#writer.ask({ kind, items })
    this.#transactions++
  }
}
