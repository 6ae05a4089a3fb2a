import type { RawDatabase } from './raw-connection.ts'

/**
 * What a rival does inside its transactions. It runs where the connection is, so that only the items cross between threads, and
 * statements are prepared once: the rival is at its best.
 */
export interface StoreWork<Peer, Blob> {
  peer(peer: Peer): void
  blob(blob: Blob): void
  /** A batch, where that is more than one blob after the other. */
  blobs?(blobs: readonly Blob[]): void
}

/** What a module of work exports as `work`. */
export interface WorkModule<Peer, Blob> {
  /** Run once, before the first connection of the store. */
  readonly tables: string
  prepare(database: RawDatabase): StoreWork<Peer, Blob>
}

export interface StoreCounts {
  /** Transactions that were committed. */
  readonly transactions: number
  /** Peers that a caller handed in and that came to nothing, without the caller being told. */
  readonly peersLost: number
  readonly checkpoints: number
}

/**
 * A store as an app builds it on a pool of connections, each on a thread of its own.
 *
 * @example
 * await using store = await SharedPool.open<Peer, Blob>(folder, new URL('./peers-work.ts', import.meta.url))
 * await store.writePeer({ id: 'p1', addresses: '/ip4/…' })
 * await store.writeBlobs(blobs)
 */
export interface Store<Peer, Blob> extends AsyncDisposable {
  readonly counts: StoreCounts
  /** @throws StoreError where the caller waits for the outcome and there is none, as `SQLITE_BUSY` after ten seconds. */
  writePeer(peer: Peer): Promise<void>
  /** Answers when all of them are stored. @throws StoreError */
  writeBlobs(blobs: readonly Blob[]): Promise<void>
  /** What somebody waits for: a statement, in a transaction of its own. @throws StoreError */
  write(sql: string, parameters: readonly unknown[]): Promise<void>
  read(sql: string, parameters?: readonly unknown[]): Promise<unknown[]>
  /** Everything that was handed in comes to its end first. */
  close(): Promise<void>
  /** Closes it though it has fallen behind: what has not had its turn is refused, what is under way comes to its end. */
  abandon(): Promise<void>
}

/** What SQLite said on another thread. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** SQLite's, as `SQLITE_BUSY`; undefined for an error that isn't SQLite's. */
  readonly code: string | undefined

  constructor(message: string, code: string | undefined) {
    super(message)
    this.code = code
  }
}
