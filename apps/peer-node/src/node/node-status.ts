import type { Report } from '@lockkeeper/core'
import type { PeerStore } from '@lockkeeper/peer-store'
import type { ImportStatus } from '../content/import-progress.ts'
import type { PullProgress } from '../sync/pull-progress.ts'

/** A node at a glance: what `/api/status` answers. */
export interface NodeStatus {
  readonly version: string
  readonly peerId: string
  /** Where other peers can dial this node. */
  readonly multiaddrs: readonly string[]
  readonly documents: number
  /** Records that are stored and not indexed yet, so that their documents can't be found. */
  readonly toIndex: number
  readonly blobs: number
  readonly bytes: number
  readonly peersKnown: number
  readonly peersConnected: number
  readonly sync: {
    /** Blobs stored here. */
    readonly have: number
    /** Blobs that one connected peer has and this node has not: the most of any peer. */
    readonly missing: number
    /** Blobs received from peers and stored, since the start. */
    readonly received: number
    /** Blobs that peers sent and that failed a check, since the start. */
    readonly refused: number
    /** The same by reason. */
    readonly refusals: PeerStore['refusals']
    readonly peers: readonly PullProgress[]
  }
  readonly import: ImportStatus
  /** Every SQLITE_BUSY the store met, of any kind, waits that ended well included. */
  readonly busyErrors: number
  /** Why blobs cannot be stored just now, in words; undefined while they can. */
  readonly trouble: string | undefined
  readonly actors: Report['states']
}

/** Sums SQLite's busy errors of every kind. */
export function busyErrorsOf(report: Report): number {
  return Object.values(report.busy).reduce((sum, count) => sum + count, 0)
}
