import { peerLimits } from '../limits.ts'
import type { PeerSighting } from '../types.ts'

/** What became known of a peer, waiting to be written. Sightings and address lists age apart. */
export interface PeerNote {
  readonly id: string
  readonly sighting: { readonly status: PeerSighting['status']; readonly at: number } | undefined
  /** A whole list: it replaces the one before. */
  readonly addresses: { readonly list: readonly string[]; readonly at: number } | undefined
  /** Blobs refused since the last note. */
  readonly refusedBlobs: number
}

export function noteOfSighting({ id, addresses, status, seenAt }: PeerSighting): PeerNote {
  const list = addresses
    .filter((address) => address.length <= peerLimits.addressCharactersMax)
    .slice(0, peerLimits.addressesMax)
  const at = wholeFromZero(seenAt)
  return {
    id,
    sighting: { status, at },
    addresses: list.length === 0 ? undefined : { list, at },
    refusedBlobs: 0,
  }
}

export function noteOfRefusals(id: string, count: number): PeerNote {
  return { id, sighting: undefined, addresses: undefined, refusedBlobs: wholeFromZero(count) }
}

/** The columns take whole numbers only, and one bad row would take down the batch it is written with. */
function wholeFromZero(number: number): number {
  return Number.isFinite(number) ? Math.max(0, Math.trunc(number)) : 0
}

/** Both notes as one: of each part the newest by its own time, whichever came first; refusals add up. */
export function mergeNotes(older: PeerNote, newer: PeerNote): PeerNote {
  return {
    id: newer.id,
    sighting: latest(older.sighting, newer.sighting),
    addresses: latest(older.addresses, newer.addresses),
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
