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
  /** Failures since the last note. */
  readonly failures: number
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
    failures: 0,
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
    failures: older.failures + newer.failures,
    own: latest(older.own, newer.own),
    heard: latest(older.heard, newer.heard),
    refusedBlobs: older.refusedBlobs + newer.refusedBlobs,
  }
}

function latest<Part extends { readonly at: number }>(
  older: Part | undefined,
  newer: Part | undefined,
): Part | undefined {
  if (older === undefined || newer === undefined) return newer ?? older
  return newer.at >= older.at ? newer : older
}
