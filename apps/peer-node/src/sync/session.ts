import { setTimeout as delay } from 'node:timers/promises'
import type { PeerStore } from '@lockkeeper/peer-store'
import { syncLimits } from '../limits.ts'
import { backoffMs } from '../network/backoff.ts'
import { MessageChannel, MessageMalformedError } from '../network/message-channel.ts'
import type { Network } from '../network/network.ts'
import { Asker } from './asking.ts'
import type { Claims } from './claims.ts'
import type { Journal } from './journal.ts'
import { type Position, ProtocolViolationError } from './protocol.ts'
import { Pull } from './pull.ts'
import { newPull, type PullProgress } from './pull-progress.ts'
import type { Turns } from './turns.ts'

export interface SessionInput {
  readonly peer: string
  readonly network: Network
  readonly store: PeerStore
  readonly journal: Journal
  readonly claims: Claims
  readonly turns: Turns
  readonly onError: (peer: string, error: Error) => void
}

/** Keeps us up to date with one peer, for as long as it is connected. */
export class Session {
  readonly #input: SessionInput
  readonly #end = new AbortController()
  readonly #refused = new Set<string>()
  #progress: PullProgress
  #failures = 0

  constructor(input: SessionInput) {
    this.#input = input
    this.#progress = newPull(input.peer)
  }

  get progress(): PullProgress {
    return this.#progress
  }

  /** Ends the session; {@link run} answers soon after. */
  end(reason: string): void {
    this.#end.abort(new Error(reason))
  }

  /** Talks to the peer until it is gone. What breaks is tried again after a pause that grows. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted && this.#input.network.isConnected(this.#input.peer)) {
      try {
        await this.#converse()
      } catch (error) {
        if (signal.aborted) break
        await this.#pause(error as Error)
      }
    }
    this.#update({ state: 'ended', missing: 0 })
  }

  async #converse(): Promise<void> {
    const { peer, network, turns, store, journal, claims } = this.#input
    const { signal } = this.#end
    const timeout = AbortSignal.timeout(syncLimits.messageMsMax)
    const stream = await network.openStream(peer, AbortSignal.any([signal, timeout]))
    const channel = new MessageChannel(stream, channelLimits, signal)
    const asker = new Asker(channel, syncLimits.answerMsMax, (blob) => store.verify(blob))
    const pull = new Pull({
      peer,
      asker,
      store,
      journal,
      claims,
      turns,
      signal,
      refused: this.#refused,
      progress: () => this.#progress,
      onProgress: (change) => this.#update(change),
    })
    try {
      for (;;) {
        const position = await pull.everything()
        this.#failures = 0
        await this.#follow(asker, pull, position)
      }
    } catch (error) {
      channel.abort(error as Error)
      throw error
    }
  }

  /** Takes over what the peer stores from now on, until it is time to list everything again. */
  async #follow(asker: Asker, pull: Pull, start: Position): Promise<void> {
    const listedAt = performance.now()
    let position = start
    while (performance.now() - listedAt < syncLimits.relistEveryMs) {
      this.#update({ state: 'up-to-date' })
      const changes = await asker.changesSince(position)
      if (!changes.complete) return
      if (changes.cids.length > 0) await pull.these(changes.cids)
      position = changes.position
    }
  }

  async #pause(error: Error): Promise<void> {
    const isViolation = error instanceof ProtocolViolationError || error instanceof MessageMalformedError
    this.#failures = isViolation
      ? Math.max(this.#failures + 1, syncLimits.violationFailures)
      : this.#failures + 1
    this.#update({
      state: 'retrying',
      missing: 0,
      failures: this.#progress.failures + 1,
      lastError: error.message,
    })
    this.#input.onError(this.#input.peer, error)
    const limits = { msMin: syncLimits.retryMsMin, msMax: syncLimits.retryMsMax }
    await delay(backoffMs(this.#failures, limits, Math.random()), undefined, {
      signal: this.#end.signal,
    }).catch(
      () => undefined, // ended meanwhile
    )
  }

  #update(change: Partial<PullProgress>): void {
    this.#progress = { ...this.#progress, ...change }
  }
}

const channelLimits = {
  messageBytesMax: syncLimits.responseBytesMax,
  bufferBytesMax: syncLimits.readBufferBytesMax,
  messageMsMax: syncLimits.messageMsMax,
}
