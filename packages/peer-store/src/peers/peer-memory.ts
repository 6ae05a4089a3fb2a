import { peerLimits } from '../limits.ts'
import { RecentMap } from '../store/recent-map.ts'
import { hashOfAddresses } from './address-hash.ts'
import type { PeerHearsay, PeerSighting, PeerStatus } from './types.ts'

/** What was last handed on of a peer. */
interface Remembered {
  status: PeerStatus | undefined
  reason: string | undefined
  seenAt: number
  /** The newest report, whether it was handed on or not. */
  latestAt: number
  own: number | undefined
  heard: number | undefined
  heardAt: number
}

/** What of a sighting is news. */
export interface News {
  readonly addresses: boolean
  /** Its status, or its time. A new list alone does not rewrite the time: that would double the rows. */
  readonly sighting: boolean
}

/**
 * Remembers of each peer what was handed on last, so that what changes nothing is let go of without asking the database: a
 * hash of its addresses, its status, and the time. Empty at the start: the first report of each peer is written as if it were
 * new, and the database leaves alone what it finds as it is.
 *
 * It remembers what was handed on, not what is stored: whoever learns that a note was lost must say so ({@link forget}).
 */
export class PeerMemory {
  readonly #peers: RecentMap<Remembered>

  constructor(peersMax: number = peerLimits.rememberedMax) {
    this.#peers = new RecentMap(peersMax)
  }

  get size(): number {
    return this.#peers.size
  }

  /** Takes note of a sighting. Answers what of it is news, or undefined if nothing is. */
  newsOfSighting(sighting: PeerSighting): News | undefined {
    const { id, addresses, status, seenAt, reason } = sighting
    const known = this.#of(id)
    if (seenAt < known.latestAt) {
      // Late: whether it is news, only the times in the file can say. What it does there is not known here.
      this.forget(id)
      return { addresses: addresses.length > 0, sighting: true }
    }
    known.latestAt = seenAt
    const own = addresses.length === 0 ? known.own : hashOfAddresses(addresses)
    const news = {
      addresses: own !== known.own,
      sighting:
        status !== known.status ||
        reason !== known.reason ||
        seenAt - known.seenAt >= peerLimits.seenResolutionMs,
    }
    known.own = own
    if (news.sighting) {
      known.status = status
      known.reason = reason
      known.seenAt = seenAt
    }
    return news.addresses || news.sighting ? news : undefined
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

  /** The next report of the peer is news, whatever it says. */
  forget(id: string): void {
    this.#peers.delete(id)
  }

  #of(id: string): Remembered {
    return this.#peers.getOrMake(id, nothing)
  }
}

const nothing = (): Remembered => ({
  status: undefined,
  reason: undefined,
  seenAt: Number.NEGATIVE_INFINITY,
  latestAt: Number.NEGATIVE_INFINITY,
  own: undefined,
  heard: undefined,
  heardAt: Number.NEGATIVE_INFINITY,
})
