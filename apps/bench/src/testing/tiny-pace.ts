import type { Pace } from '../limits.ts'

/** Enough to see that a trial works; its figures mean nothing. */
export const tinyPace: Pace = {
  rounds: 1,
  warmUpMs: 10,
  windowMs: 60,
  mixedWindowMs: 60,
  textRows: 500,
  blobRows: 100,
  mailboxWrites: 1_000,
  contentionMs: 400,
  lockWaits: 1,
  interrupts: 5,
  tableRows: 5_000,
  readsWarmUpMs: 10,
  logRows: 2_000,
  stormMs: 300,
  stormAloneMs: 60,
  stormSyncMs: 300,
  blobs: 150,
  stretches: 1,
}
