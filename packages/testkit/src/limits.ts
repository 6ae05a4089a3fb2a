/** Pause between two looks at a condition: short against what a test waits for, long against the cost of a look. */
export const lookEveryMs = 2

/** How long a condition may take to come true: above any wait of the library on a busy machine. */
export const conditionMsMax = 20_000

/** What a child process may say on standard error before the oldest of it is dropped: enough for a few stack traces. */
export const childErrorTextMax = 16_384
