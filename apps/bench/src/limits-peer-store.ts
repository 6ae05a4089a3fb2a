/**
 * The numbers of the suites that measure a peer node's store. Data and load are those of a network of ours, by its public
 * history.
 */
import type { Pace } from './limits.ts'

/**
 * Peers that connect, as a network of ours has had it, but more often: 200 a second were seen in bursts. Peers have 1 to 4 KB of
 * addresses, one in a hundred the most that was met.
 */
export const storm = {
  peers: 1_500,
  connectsPerSecond: 5_000,
  /** How often those are let in that are due: some five at a time. */
  tickMs: 1,
  changedEvery: 100,
  /** How many copies of a peer's addresses take turns. */
  copies: 3,
  /** By then a changed address must be stored. */
  storedWithinMs: 1_000,
  /** How long the last looks for changed addresses may take, before they count as late. */
  checkGraceMs: 1_000,
  addressBytesMin: 1_000,
  addressBytesMax: 4_000,
  largeEvery: 100,
  largeAddresses: 65,
  /** What people read meanwhile, one at a time. */
  settings: 1_000,
} as const

/** What a connect may cost who reports it, at p99: a hundredth of what it takes to answer a ping nearby. */
export const connectCostMicrosMax = 50

/** Blobs of a peer's store, by the field's figures. */
export const corpus = {
  seed: 23,
  /** Two thirds are signed records, the rest is media. */
  recordShare: 2 / 3,
  recordBytesMin: 300,
  recordBytesMax: 4_000,
  /** What a document, and a comment, have beyond their text: key, signature, path, title, links. */
  documentBytes: 300,
  commentBytes: 260,
  mediaBytesMin: 4_096,
  mediaBytesMax: 262_144,
  /** Media are cut from it: more than fits into a cache. */
  noiseBytes: 64 * 1_048_576,
  /** 40,000 records are versions of 3,800 documents, and comments: 12,000 of them. */
  recordsPerDocument: 10,
  commentShare: 0.3,
  /** 71,000 links in them. */
  linksMax: 5,
  authors: 20,
  words: 4_000,
} as const

/** Blobs to warm up with, or as many as are measured: code of three threads gets compiled, and until then a blob takes twice as long. */
export const blobWarmUp = ({ blobs }: Pick<Pace, 'blobs'>): number => Math.min(1_000, blobs)

/** Blobs of one call, and callers: workers of a sync, who hand in a hundred each. */
export const blobsPerCall = 100
export const blobCallers = 6

/** More than anybody here stores beside a storm, of 45 KB each: a trial whose blobs run out fails. */
export const syncBlobsPerSecondMax = 4_000

/** The pace of a storm beside a sync. */
export const syncPace = (pace: Pace): Pace => ({ ...pace, stormMs: pace.stormSyncMs })

/** How many blobs a sync beside a storm is given. It goes on until the last change of an address has been looked for. */
export function syncBlobs(pace: Pace): number {
  const forMs = pace.stormSyncMs + storm.storedWithinMs + storm.checkGraceMs
  return blobWarmUp(pace) + Math.ceil((forMs / 1_000) * syncBlobsPerSecondMax)
}

/** What a user's write may take, at p99, while blobs are indexed at full speed: it is not felt. */
export const userWriteMsMax = 25

/** What the real daemon takes to store and index a blob, at its best. */
export const daemonMsPerBlob = { least: 1.5, most: 3 } as const
