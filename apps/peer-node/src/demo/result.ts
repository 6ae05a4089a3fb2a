import type { LatencySummary } from './latencies.ts'

/** The demo's last line of standard output. Counts are per node: they agree, or `identical` is false. */
export interface DemoResult {
  readonly documents: number
  readonly blobs: number
  readonly bytes: number
  /** From the first node's start of the import to its end, in milliseconds. */
  readonly importMs: number
  /** From the second node's being up to its holding all that the first imported, in milliseconds. */
  readonly syncMs: number
  /** What both nodes found, searching for words of some documents' titles. */
  readonly searchHits: number
  /** Reads over HTTP of both nodes, during import and sync. */
  readonly reads: LatencySummary
  /** Every SQLITE_BUSY of any kind met in both nodes. */
  readonly busyErrors: number
  /** Whether both hold the same blobs, each hashed again from disk. */
  readonly identical: boolean
}
