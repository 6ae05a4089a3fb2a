/** What was reported and not taken, by what was wrong with it. The last three count addresses, the others reports. */
export type PeerRefusal =
  /** Not a peer's id. */
  | 'bad-peer-id'
  /** Not of the shape of a report: no list, no time, no known status. */
  | 'bad-report'
  /** A list with more rows than one may have: the rest counts here. */
  | 'too-many-rows'
  /** Not a multiaddr, or one that names another peer. */
  | 'bad-address'
  /** An address with more characters than one may have. */
  | 'long-address'
  /** Good addresses beyond what is kept of one peer: the most useful are. */
  | 'too-many-addresses'

export type PeerStatus = 'connected' | 'disconnected' | 'failed'

export interface PeerSighting {
  /** libp2p peer id, as text. */
  readonly id: string
  /** Multiaddrs, as text, the peer's own; may be empty when nothing new is known. */
  readonly addresses: readonly string[]
  readonly status: PeerStatus
  /** Milliseconds since 1970. */
  readonly seenAt: number
  /** Why it failed. */
  readonly reason?: string | undefined
}

/** A row of a list of peers that another peer told. */
export interface PeerHearsay {
  readonly id: string
  readonly addresses: readonly string[]
}

export interface PeerRow {
  readonly id: string
  readonly status: PeerStatus
  /** Its own addresses; what others say of it if it has told none. */
  readonly addresses: readonly string[]
  /** When it was last reported on, up to 15 s late while it keeps being seen; 0 is never. Times in milliseconds since 1970. */
  readonly seenAt: number
  /** Blobs this peer sent that were refused, since the beginning. */
  readonly refusedBlobs: number
}

export interface PeerStatusRow {
  readonly id: string
  readonly status: PeerStatus
  /** 0 is never. */
  readonly seenAt: number
  readonly connectedAt: number
  readonly failedAt: number
  /** Failures since the last connection; those within 15 s of each other, and alike, count once. */
  readonly failures: number
  /** Why the last one failed, if it was told. */
  readonly failure: string | null
}

export interface PeerToDial {
  readonly id: string
  /** The peer's own addresses first, then what others say of it; each once. */
  readonly addresses: readonly string[]
  readonly failures: number
}

/**
 * Reports by what became of them, rows of lists counted one by one. Each is in exactly one place: `reported = unchanged + refused
 * (bad-peer-id, bad-report, too-many-rows) + waiting + held + merged + stored + dropped (full, failed, closed)`.
 */
export interface PeerWriterCounts {
  readonly reported: number
  /** Said nothing new, or nothing that is kept, and went no further. */
  readonly unchanged: number
  /** Not checked yet. */
  readonly waiting: number
  /** Checked, and not written yet. */
  readonly held: number
  /** Went on inside a newer report of the same peer. */
  readonly merged: number
  /** Committed. */
  readonly stored: number
  readonly refused: Readonly<Record<PeerRefusal, number>>
  /** Rows that changed in the file. */
  readonly rowsWritten: number
  /** Reports lost, by cause: no room, a flush that kept failing, a close that came first. */
  readonly dropped: { readonly full: number; readonly failed: number; readonly closed: number }
}
