import type { Stream } from '@libp2p/interface'
import type { PeerStore, VerifiedBlob } from '@lockkeeper/peer-store'
import { networkLimits, syncLimits } from '../limits.ts'
import type { Network } from '../network/network.ts'
import { answerRequests } from './answering.ts'
import { Claims } from './claims.ts'
import { Journal } from './journal.ts'
import type { PullProgress } from './pull-progress.ts'
import { Session } from './session.ts'
import { Turns } from './turns.ts'

export interface SynchronizerInput {
  readonly network: Network
  readonly store: PeerStore
  /** Hears of what went wrong with a peer; nothing else comes of it. */
  readonly onError: (peer: string, error: Error) => void
}

/** Sums over all peers met since the node started. */
export interface SyncTotals {
  readonly received: number
  readonly refused: number
  /** Blobs that some one peer has and we have not: the most of any peer, since peers share most of what they have. */
  readonly missing: number
}

/** Pulls from every peer that is connected, and answers what they pull from us. */
export class Synchronizer {
  readonly #input: SynchronizerInput
  readonly #journal = new Journal()
  readonly #claims = new Claims()
  readonly #turns = new Turns(syncLimits.pullsMax)
  readonly #sessions = new Map<string, { readonly session: Session; readonly done: Promise<void> }>()
  readonly #answers = new Set<Promise<void>>()
  readonly #end = new AbortController()
  #past = { received: 0, refused: 0 }

  constructor(input: SynchronizerInput) {
    this.#input = input
  }

  get pulls(): PullProgress[] {
    return [...this.#sessions.values()].map(({ session }) => session.progress)
  }

  get totals(): SyncTotals {
    const pulls = this.pulls
    return {
      received: pulls.reduce((sum, { received }) => sum + received, this.#past.received),
      refused: pulls.reduce((sum, { refused }) => sum + refused, this.#past.refused),
      missing: pulls.reduce((most, { missing }) => Math.max(most, missing), 0),
    }
  }

  /** Stores blobs of our own, and tells the peers that wait for them. */
  async store(blobs: readonly VerifiedBlob[]): Promise<void> {
    const { store } = this.#input
    const byName = new Map(blobs.map((blob) => [blob.cid, blob])) // one file may hold the same chunk many times
    const fresh = (await store.missing([...byName.keys()])).flatMap((cid) => byName.get(cid) ?? [])
    if (fresh.length === 0) return
    await store.putBlobs(fresh, { signal: this.#end.signal })
    this.#journal.add(fresh.map(({ cid }) => cid))
  }

  /** A peer is connected: pull from it, unless we do already or have our fill of peers. */
  startPull(peer: string): void {
    if (this.#end.signal.aborted || this.#sessions.has(peer)) return
    if (this.#sessions.size >= networkLimits.connectionsMax) return
    const { network, store, onError } = this.#input
    const session = new Session({
      peer,
      network,
      store,
      onError,
      journal: this.#journal,
      claims: this.#claims,
      turns: this.#turns,
    })
    const done = session.run().then(() => this.#forget(peer, session))
    this.#sessions.set(peer, { session, done })
  }

  endPull(peer: string): void {
    this.#sessions.get(peer)?.session.end('disconnected')
  }

  /** Answers a stream a peer has opened. */
  answer(stream: Stream, peer: string): void {
    if (this.#end.signal.aborted) {
      stream.abort(new Error('stopping'))
      return
    }
    const answering = answerRequests(stream, {
      store: this.#input.store,
      journal: this.#journal,
      signal: this.#end.signal,
    }).catch((error: Error) => {
      if (!this.#end.signal.aborted && this.#input.network.isConnected(peer)) this.#input.onError(peer, error)
    })
    this.#answers.add(answering)
    void answering.finally(() => this.#answers.delete(answering))
  }

  /** Ends every conversation; answers once none touches the store any more. */
  async stop(): Promise<void> {
    this.#end.abort(new Error('stopping'))
    const sessions = [...this.#sessions.values()]
    for (const { session } of sessions) session.end('stopping')
    await Promise.all([...sessions.map(({ done }) => done), ...this.#answers])
  }

  #forget(peer: string, session: Session): void {
    const { received, refused } = session.progress
    this.#past = { received: this.#past.received + received, refused: this.#past.refused + refused }
    this.#sessions.delete(peer)
    // It may have connected again while the session was ending, when startPull took it for running.
    if (!this.#end.signal.aborted && this.#input.network.isConnected(peer)) this.startPull(peer)
  }
}
