import { peerLimits } from '../limits.ts'
import type { News } from './peer-memory.ts'
import { emptyNote, mergeNotes, type PeerNote } from './peer-note.ts'
import type { PeerHearsay, PeerRefusal, PeerSighting, PeerStatus } from './types.ts'

const statuses: ReadonlySet<string> = new Set<PeerStatus>(['connected', 'disconnected', 'failed'])

/**
 * What is wrong with the shape of a report, if anything: looked at while the caller waits, so nothing here depends on how much
 * the report holds. Its contents are looked at later.
 */
export function wrongWithSighting(sighting: PeerSighting): PeerRefusal | undefined {
  const { id, addresses, status, seenAt, reason } = sighting ?? {}
  if (!isLikeId(id)) return 'bad-peer-id'
  const isReport =
    Array.isArray(addresses) &&
    statuses.has(status) &&
    isTime(seenAt) &&
    (reason === undefined || typeof reason === 'string')
  return isReport ? undefined : 'bad-report'
}

export function wrongWithHearsay(row: PeerHearsay): PeerRefusal | undefined {
  const { id, addresses } = row ?? {}
  if (!isLikeId(id)) return 'bad-peer-id'
  return Array.isArray(addresses) ? undefined : 'bad-report'
}

export function isLikeId(id: unknown): id is string {
  return typeof id === 'string' && id.length > 0 && id.length <= peerLimits.idCharactersMax
}

/** Whole milliseconds that SQLite and JavaScript both keep exactly. */
export function isTime(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER
}

/** The note of what of a sighting is news. Its addresses are copied and not checked yet. */
export function noteOfSighting(sighting: PeerSighting, news: News): PeerNote {
  const { id, addresses, status, reason } = sighting
  const { at } = news
  const own = news.addresses ? { list: lookedAt(addresses), at: Math.trunc(at) } : undefined
  const note = { ...(news.sighting ? noteOfStatus(id, { status, reason, seenAt: at }) : emptyNote(id)), own }
  // What came after it has been counted, if it was a failure.
  return news.since === undefined
    ? note
    : mergeNotes(note, { ...noteOfStatus(id, news.since), failedTimes: [] })
}

function noteOfStatus(
  id: string,
  { status, reason, seenAt }: Pick<PeerSighting, 'status' | 'reason' | 'seenAt'>,
): PeerNote {
  const at = Math.trunc(seenAt)
  const note = { ...emptyNote(id), sighting: { status, at }, connectedAt: status === 'connected' ? at : -1 }
  if (status !== 'failed') return note
  const failed = { reason: reason?.slice(0, peerLimits.reasonCharactersMax), at }
  return { ...note, failed, failedTimes: [at] }
}

/** The caller may go on to reuse what it handed in. */
export function copyOf({ id, addresses }: PeerHearsay): PeerHearsay {
  return { id, addresses: lookedAt(addresses) }
}

export function noteOfHearsay({ id, addresses }: PeerHearsay, heardAt: number): PeerNote {
  return { ...emptyNote(id), heard: { list: addresses, at: Math.trunc(heardAt) } }
}

export function noteOfRefusals(id: string, count: number): PeerNote {
  return { ...emptyNote(id), refusedBlobs: Math.trunc(count) }
}

/** A copy, of no more than will be looked at and one, which shows that there were more. */
function lookedAt(addresses: readonly string[]): readonly string[] {
  return addresses.slice(0, peerLimits.addressesLookedAtMax + 1)
}
