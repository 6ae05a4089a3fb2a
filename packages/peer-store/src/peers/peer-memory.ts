import { peerLimits } from '../limits.ts'
import { RecentMap } from '../store/recent-map.ts'
import { hashOfAddresses } from './address-hash.ts'
import type { PeerHearsay, PeerSighting, PeerStatus } from './types.ts'

const never = Number.NEGATIVE_INFINITY

/** What is known of a peer: what its newest reports said, and how much of that was handed on. */
interface Remembered {
  status: PeerStatus | undefined
  reason: string | undefined
  /** The newest report's time, whether it was handed on or not. */
  latestAt: number
  /** The time that was last handed on with the status above. */
  seenAt: number
  own: number | undefined
  /** The time of the newest report that had addresses. */
  ownAt: number
  ownHandedOnAt: number
  heard: number | undefined
  heardAt: number
}

/** What a peer was last reported as. */
export interface LastSeen {
  readonly status: PeerStatus
  readonly reason: string | undefined
  readonly seenAt: number
}

/** What of a sighting is news. */
export interface News {
  readonly addresses: boolean
  /** Its status, or its time. A new list alone does not rewrite the time: that would double the rows. */
  readonly sighting: boolean
  /** The time it counts as: its own, unless the clock was set back. */
  readonly at: number
  /**
   * Of a report that came late: what the peer was reported as after it. It goes along, since the file may not have heard of that
   * yet, and would take the late one for the newest.
   */
  readonly since?: LastSeen | undefined
}

/**
 * Remembers of each peer what was handed on last, so that what changes nothing is let go of without asking the database: a
 * hash of its addresses, its status, and the time. Empty at the start: the first report of each peer is written as if it were
 * new, and the database leaves alone what it finds as it is.
 *
 * It remembers what was handed on, not what is stored: whoever learns that a note was lost must say so ({@link forget}).
 *
 * A report can't be late after something that has not happened yet: where the newest time known is still to come, the clock was set
 * back, and a report counts as of that time. Else a peer would stay connected that has gone, until the clock has caught up.
 */
export class PeerMemory {
  readonly #peers: RecentMap<Remembered>
  readonly #now: () => number

  /** @param now milliseconds since 1970. */
  constructor(now: () => number = Date.now, peersMax: number = peerLimits.rememberedMax) {
    this.#now = now
    this.#peers = new RecentMap(peersMax)
  }

  get size(): number {
    return this.#peers.size
  }

  /** Takes note of a sighting. Answers what of it is news, or undefined if nothing is. */
  newsOfSighting(sighting: PeerSighting): News | undefined {
    const known = this.#of(sighting.id)
    const { status } = sighting
    const wasSetBack = sighting.seenAt < known.latestAt && known.latestAt > this.#now()
    const seenAt = wasSetBack ? known.latestAt : sighting.seenAt
    const addresses = this.#isNewList(known, sighting.addresses, seenAt)
    const reason = bounded(sighting.reason)
    const isLate = seenAt < known.latestAt
    const isNew =
      status !== known.status ||
      reason !== known.reason ||
      Math.abs(seenAt - known.seenAt) >= peerLimits.seenResolutionMs
    const since = isLate && isNew ? lastSeen(known) : undefined
    if (!isLate) {
      known.status = status
      known.reason = reason
      known.latestAt = seenAt
    }
    if (isNew) known.seenAt = known.latestAt
    return addresses || isNew ? { addresses, sighting: isNew, at: seenAt, since } : undefined
  }

  /** Takes note of hearsay. Answers whether it is news. */
  isNewsOfHearsay({ id, addresses }: PeerHearsay, heardAt: number): boolean {
    const known = this.#of(id)
    const heard = hashOfAddresses(addresses)
    if (heard === known.heard && heardAt - known.heardAt < peerLimits.heardResolutionMs) return false
    known.heard = heard
    known.heardAt = heardAt
    return true
  }

  /** The next report of the peer is news, whatever it says. What is newer than what stays known. */
  forget(id: string): void {
    const known = this.#peers.find(id)
    if (known === undefined) return
    known.seenAt = never
    known.own = undefined
    known.heard = undefined
  }

  /** Nothing is known of a peer: it is none. */
  drop(id: string): void {
    this.#peers.delete(id)
  }

  /** A list that is older than the newest is none. One that is told again and again is handed on now and then, see the limits. */
  #isNewList(known: Remembered, addresses: readonly string[], seenAt: number): boolean {
    if (addresses.length === 0 || seenAt < known.ownAt) return false
    const own = hashOfAddresses(addresses)
    const isNew = own !== known.own || seenAt - known.ownHandedOnAt >= peerLimits.addressesAgainMs
    known.own = own
    known.ownAt = seenAt
    if (isNew) known.ownHandedOnAt = seenAt
    return isNew
  }

  #of(id: string): Remembered {
    return this.#peers.getOrMake(id, nothing)
  }
}

const lastSeen = ({ status, reason, latestAt }: Remembered): LastSeen | undefined =>
  status === undefined ? undefined : { status, reason, seenAt: latestAt }

/** What is kept of a reason, in characters of its own: a part of a text keeps the whole of it. */
function bounded(reason: string | undefined): string | undefined {
  if (reason === undefined || reason.length <= peerLimits.reasonCharactersMax) return reason
  return Buffer.from(reason.slice(0, peerLimits.reasonCharactersMax)).toString()
}

const nothing = (): Remembered => ({
  status: undefined,
  reason: undefined,
  latestAt: never,
  seenAt: never,
  own: undefined,
  ownAt: never,
  ownHandedOnAt: never,
  heard: undefined,
  heardAt: never,
})
