/**
 * Every bound of the command in one place, each with its reason.
 */

/** The longest report that is read: one of full rings and a thousand labels has a few MB; what is longer is something else. */
export const reportBytesMax = 64 * 1_048_576

/** How long a server may take to answer with its report. */
export const answerMsMax = 10_000

/** Between two looks with `--watch`, in seconds: what it is by default, and what it may be. */
export const watchSeconds = { default: 2, min: 0.1, max: 3_600 } as const

/** A log from which a file is told to have a long one: Lockkeeper's governor keeps it below half of that. */
export const logLongBytes = 64 * 1_048_576
export const logHugeBytes = 1_024 * 1_048_576

/** Free pages worth telling of: a quarter of the file, if that is more than a moment's copying. */
export const freeShareMin = 0.25
export const freeBytesMin = 16 * 1_048_576

/** SQLite's default since 2016; smaller pages make deeper trees and more of them in the log. */
export const pageBytesMin = 4_096

/** How much of a process's command line is told, and how many processes and statements are listed by name. */
export const commandLengthMax = 160
export const processesListedMax = 20
export const statementsListedMax = 20

/** Rows that a run of a statement steps over in scans before its plan is looked at: fewer cost a fraction of a millisecond. */
export const scanStepsMin = 1_000
