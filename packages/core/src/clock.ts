/** Where time comes from. Pure parts are handed one, never read one; tests hand in their own. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** The same, with timers that don't keep the process alive: for what goes on as long as something else does. */
export const backgroundClock: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
}
