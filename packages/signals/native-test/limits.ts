/** Every bound of the runner, each with its reason. */

/** How long one call of the compiler may take: SQLite takes half a minute on a small machine that is busy. */
export const compileMsMax = 600_000

/** How long a program of one line may take that shows what the compiler and the system can do. */
export const probeMsMax = 60_000

/** How long the tests of one flavour may take altogether: some twenty times what they do. */
export const suiteMsMax = 600_000

/** How long one test may take; with Valgrind all is some thirty times slower. */
export const testSeconds = { usual: 120, valgrind: 600 }

/** Share of the usual load, in per cent. */
export const loadPercent = { usual: 100, valgrind: 10 }
