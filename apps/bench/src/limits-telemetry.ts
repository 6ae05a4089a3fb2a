/** The numbers of the suite that measures what telemetry costs. */

/** What a write may cost more with telemetry on: a hundredth of what a commit of one row takes. */
export const addedMicrosMax = 1.5

/** Less than this can't be told from nothing: a ratio by it is as good as any. */
export const addedMicrosMin = 0.05

/** A busy app, whose writes share batches; and one caller, who has a batch for each of them. */
export const overheadCallers = { busy: 64, alone: 1 } as const

/**
 * Calls of one stretch: some 50 to 200 ms. Short, so that whatever else the machine does meets both databases; long beside what one
 * leaves undone when its turn is over. One caller has a batch for each call, and the code of a batch is compiled after thousands of
 * them: with 600 calls a stretch the ledger seemed to cost three times as much.
 */
export const callsPerStretch = { busy: 5_000, alone: 2_000 } as const

/** Pairs of stretches before any counts: both databases compile their code and fill their caches. */
export const stretchesWarmUp = 5

/** Rows that are counted up, or read: a few pages, so that neither disk nor log has a part in the figures. */
export const counterRows = 100

/** Labels of an app as they should be; and those that somebody makes from data, one for each peer. */
export const labelCounts = { few: 10, many: 10_000 } as const

/** Calls of each kind that fill the ledger: each label has two at least. */
export const memoryCalls = 20_000

/** What the ledger may take, in MiB: its rows with all their histograms, and who waited for whom among them. */
export const ledgerMebibytesMax = { few: 1, many: 5 } as const
