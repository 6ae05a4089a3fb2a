import { peerLimits } from '../limits.ts'
import { latest } from '../store/latest.ts'
import type { PeerStatus } from './types.ts'

/** A whole list: it replaces the one before. */
export interface ToldAddresses {
  readonly list: readonly string[]
  readonly at: number
}

/** What became known of a peer, waiting to be written. Its parts age apart. Times in milliseconds since 1970; -1 is never. */
export interface PeerNote {
  readonly id: string
  readonly sighting: { readonly status: PeerStatus; readonly at: number } | undefined
  readonly connectedAt: number
  readonly failed: { readonly reason: string | undefined; readonly at: number } | undefined
  /** When it failed since the last note, the newest times: which of them count, only the newest connection says. */
  readonly failedTimes: readonly number[]
  /** What the peer told of itself. */
  readonly own: ToldAddresses | undefined
  /** What others say of it. */
  readonly heard: ToldAddresses | undefined
  /** Blobs refused since the last note. */
  readonly refusedBlobs: number
}

/** A note that says nothing, to be filled in. */
export function emptyNote(id: string): PeerNote {
  return {
    id,
    sighting: undefined,
    connectedAt: -1,
    failed: undefined,
    failedTimes: [],
    own: undefined,
    heard: undefined,
    refusedBlobs: 0,
  }
}

/** Both notes as one: of each part the newest by its own time, whichever came first; failures and refusals add up. */
export function mergeNotes(older: PeerNote, newer: PeerNote): PeerNote {
  return {
    id: newer.id,
    sighting: latest(older.sighting, newer.sighting),
    connectedAt: Math.max(older.connectedAt, newer.connectedAt),
    failed: latest(older.failed, newer.failed),
    failedTimes: newestOf(older.failedTimes, newer.failedTimes),
    own: latest(older.own, newer.own),
    heard: latest(older.heard, newer.heard),
    refusedBlobs: older.refusedBlobs + newer.refusedBlobs,
  }
}

/** How many failures came after the last connection that is known. */
export function failuresOf({ failedTimes, connectedAt }: PeerNote): number {
  return failedTimes.filter((at) => at > connectedAt).length
}

function newestOf(some: readonly number[], others: readonly number[]): readonly number[] {
  if (some.length === 0 || others.length === 0) return some.length === 0 ? others : some
  return [...some, ...others].sort((a, b) => a - b).slice(-peerLimits.failuresCountedMax)
}
