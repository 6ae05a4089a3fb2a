import { splitPool } from '../limits.ts'
import { Fifo } from './fifo.ts'
import { StoreError } from './store.ts'

interface Outside<Peer> {
  readonly peer: Peer
  readonly onTaken: () => void
  readonly onRefused: (error: Error) => void
}

/**
 * Peers on their way to the writer: gathered until there are 32 of them or the first has waited for 25 ms, one batch at a time.
 * Whoever finds the queue full waits for room; nobody is told what became of a peer, and a batch that fails is lost.
 */
export class PeerQueue<Peer> {
  readonly #store: (peers: readonly Peer[]) => Promise<unknown>
  readonly #held = new Fifo<Peer>()
  readonly #outside = new Fifo<Outside<Peer>>()
  #timer: NodeJS.Timeout | undefined
  #storing: Promise<void> | undefined
  lost = 0

  constructor(store: (peers: readonly Peer[]) => Promise<unknown>) {
    this.#store = store
  }

  /** How many callers wait for room. */
  get waiting(): number {
    return this.#outside.length
  }

  /** Answers when it has been taken in, not when it is stored. */
  async push(peer: Peer): Promise<void> {
    if (this.#held.length >= splitPool.peersHeldMax) {
      await new Promise<void>((onTaken, onRefused) => this.#outside.push({ peer, onTaken, onRefused }))
      return
    }
    this.#take(peer)
  }

  /** Stores what it holds, and whatever comes in meanwhile. */
  async drain(): Promise<void> {
    while (this.#held.length > 0 || this.#storing !== undefined) await (this.#storing ?? this.#flush())
    clearTimeout(this.#timer)
  }

  /** Whoever waits for room goes without. */
  refuseWaiting(): void {
    const error = new StoreError('The store was closed before there was room', undefined)
    for (const { onRefused } of this.#outside.take(this.#outside.length)) onRefused(error)
  }

  #take(peer: Peer): void {
    this.#held.push(peer)
    if (this.#storing !== undefined) return
    if (this.#held.length >= splitPool.peersPerBatch) void this.#flush()
    else this.#timer ??= setTimeout(() => void this.#flush(), splitPool.peersAgeMsMax)
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#storing ??= this.#storeBatch().finally(() => {
      this.#storing = undefined
      this.#goOn()
    })
    return this.#storing
  }

  async #storeBatch(): Promise<void> {
    const peers = this.#held.take(splitPool.peersPerBatch)
    this.#letIn()
    try {
      await this.#store(peers)
    } catch {
      this.lost += peers.length
    }
  }

  #goOn(): void {
    if (this.#held.length >= splitPool.peersPerBatch) void this.#flush()
    else if (this.#held.length > 0) {
      this.#timer ??= setTimeout(() => void this.#flush(), splitPool.peersAgeMsMax)
    }
  }

  #letIn(): void {
    for (const { peer, onTaken } of this.#outside.take(splitPool.peersHeldMax - this.#held.length)) {
      this.#held.push(peer)
      onTaken()
    }
  }
}
