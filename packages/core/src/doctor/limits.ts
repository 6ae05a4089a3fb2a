/**
 * Bounds of a look at a file from outside, each with its reason; the others are in ../limits.ts.
 */

/** How long the look waits for somebody who has the whole file locked; it is a person who waits. */
export const inspectBusyMs = 1_000

/** A file up to this length is checked as a whole, which takes a second or two: 256 MiB. */
export const checkWholeBytesMax = 256 * 1_048_576

/** In a longer one, between two tables the check asks whether it has gone on longer than this: it reads at the disk's speed, some GB at most. */
export const checkMsMax = 10_000

/** What a check lists of what is wrong: after some lines of a damaged file nobody reads on. */
export const checkProblemsMax = 10

/** Unfinished jobs that are listed by name; more are only counted. */
export const jobsListedMax = 20

/** Statements that are planned: more than any report holds. */
export const statementsMax = 1_000
