/** Bounds of what telemetry keeps, each with its reason. */

/**
 * Rows of the ledger, of writes by label and lane and of reads by label and class; what comes after them is counted as `other`. Each
 * row has histograms of 7 KB, up to four: with all of them filled the ledger takes 4.3 MB, and 6 with the slow log full of values.
 */
export const ledgerLabelsMax = 100

/** What takes longer than this is slow: it is kept with its SQL, the last so many of each kind, unless the app says otherwise. */
export const slowMsDefault = 100
export const slowKept = 50

/** What is kept of a slow statement: a text of any length would fill memory, and nobody reads the hundredth parameter. */
export const slowSqlCharactersMax = 4_000
export const slowParametersMax = 50
export const slowValueCharactersMax = 100

/** How long after a slow statement its plan is asked for, and how many plans are kept: one at a time, and not while it is slow. */
export const planPauseMs = 250
export const plansKept = 100

/** How long a plan may take to come: the readers have other things to do. */
export const planPatienceMs = 10_000

/** Labels named of a batch that is under way. */
export const liveLabelsMax = 10

/** How often the event loop is looked at: what it is late by is beyond this. */
export const eventLoopLookMs = 10

/**
 * Between two reports to one listener: a person does not see more than ten a second, and each report takes up to some milliseconds
 * of the app's thread where there are a hundred labels.
 */
export const reportEveryMsMin = 100
export const reportEveryMsDefault = 1_000
