import type { PeerStore } from '@lockkeeper/peer-store'
import { syncLimits } from '../limits.ts'
import type { Asker } from './asking.ts'
import type { Claims } from './claims.ts'
import type { Journal } from './journal.ts'
import { type Position, ProtocolViolationError } from './protocol.ts'
import type { PullProgress } from './pull-progress.ts'
import type { Turns } from './turns.ts'

export interface PullInput {
  readonly peer: string
  readonly asker: Asker
  readonly store: PeerStore
  readonly journal: Journal
  readonly claims: Claims
  /** One answer is taken in each: held no longer, or peers that answer slowly would keep the others from their turn. */
  readonly turns: Turns
  /** Names of blobs this peer has sent in bad order: not asked of it again while it is connected. */
  readonly refused: Set<string>
  readonly signal: AbortSignal
  readonly progress: () => PullProgress
  readonly onProgress: (change: Partial<PullProgress>) => void
}

/**
 * Brings over what a peer has and we have not. Whatever is stored is never asked for again, so a pull that breaks off goes
 * on where it was.
 */
export class Pull {
  readonly #input: PullInput

  constructor(input: PullInput) {
    this.#input = input
  }

  /** Lists all the peer has and fetches what is missing. @returns the position from which its changes are news. */
  async everything(): Promise<Position> {
    let position: Position | undefined
    let missing: string[] = []
    let listed = 0
    this.#input.onProgress({ state: 'listing' })
    for (let after: string | null = null; ; ) {
      const page = await this.#input.asker.list(after)
      position ??= page.position
      after = page.cids.at(-1) ?? null
      missing = missing.concat(await this.#missing(page.cids))
      this.#input.onProgress({ missing: missing.length })
      listed += page.cids.length
      if (listed > syncLimits.listedMax) throw new ProtocolViolationError('a list without end')
      if (after !== null && missing.length < syncLimits.missingItems) continue
      await this.#fetchAll(missing)
      if (after === null) return position
      missing = []
      this.#input.onProgress({ state: 'listing' })
    }
  }

  /** Fetches those of the names that are missing. */
  async these(cids: readonly string[]): Promise<void> {
    await this.#fetchAll(await this.#missing(cids))
  }

  async #missing(cids: readonly string[]): Promise<string[]> {
    const { store, refused } = this.#input
    const wanted = [...new Set(cids)].filter((cid) => !refused.has(cid))
    return wanted.length === 0 ? [] : store.missing(wanted)
  }

  async #fetchAll(cids: readonly string[]): Promise<void> {
    const { claims, turns, signal, onProgress } = this.#input
    let rest = cids
    while (rest.length > 0) {
      onProgress({ missing: rest.length })
      const elsewhere: string[] = []
      for (let start = 0; start < rest.length; start += syncLimits.wantItems) {
        let wanted: readonly string[] = rest.slice(start, start + syncLimits.wantItems)
        while (wanted.length > 0) {
          onProgress({ state: 'queued' })
          const left = await turns.take(signal, () => this.#fetchFree(wanted))
          elsewhere.push(...left.elsewhere)
          wanted = left.unsent
        }
      }
      if (elsewhere.length === 0) break
      await claims.someFree(elsewhere, signal)
      rest = await this.#missing(elsewhere)
    }
    onProgress({ missing: 0 })
  }

  /**
   * Fetches, in one answer, those of the names that no other pull is fetching.
   * @returns those of them that did not fit the answer, and those that are being fetched elsewhere.
   */
  async #fetchFree(wanted: readonly string[]): Promise<Record<'unsent' | 'elsewhere', readonly string[]>> {
    this.#input.onProgress({ state: 'fetching' })
    const granted = this.#input.claims.take(wanted)
    try {
      const missing = await this.#missing(granted) // another pull may have stored some since we looked
      const unsent = missing.length === 0 ? [] : await this.#fetch(missing)
      return { unsent, elsewhere: wanted.filter((cid) => !granted.includes(cid)) }
    } finally {
      this.#input.claims.release(granted)
    }
  }

  /** Fetches these and stores what comes. @returns those that did not fit the answer. */
  async #fetch(cids: readonly string[]): Promise<string[]> {
    const { asker, store, journal, signal } = this.#input
    signal.throwIfAborted()
    const { blobs, refused, absent, failure } = await asker.fetch(cids)
    if (blobs.length > 0) {
      await store.putBlobs(blobs, { signal })
      journal.add(blobs.map(({ cid }) => cid))
    }
    this.#note(blobs, refused, absent)
    if (failure !== undefined) throw failure
    const settled = new Set([...blobs.map(({ cid }) => cid), ...refused, ...absent])
    return cids.filter((cid) => !settled.has(cid))
  }

  #note(
    blobs: readonly { bytes: Uint8Array }[],
    refused: readonly string[],
    absent: readonly string[],
  ): void {
    const { peer, store, onProgress } = this.#input
    const before = this.#input.progress()
    onProgress({
      missing: Math.max(0, before.missing - blobs.length - refused.length - absent.length),
      received: before.received + blobs.length,
      bytes: before.bytes + blobs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
      refused: before.refused + refused.length,
      absent: before.absent + absent.length,
    })
    if (refused.length > 0) store.refusedBlobs(peer, refused.length)
    for (const cid of refused) this.#input.refused.add(cid)
    if (this.#input.refused.size > syncLimits.refusedMax)
      throw new ProtocolViolationError('too many bad blobs')
    if (before.absent + absent.length > syncLimits.absentMax)
      throw new ProtocolViolationError('lists what it has not')
  }
}
