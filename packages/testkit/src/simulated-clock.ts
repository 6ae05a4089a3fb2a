/** A clock that stands still until told otherwise. Fits wherever Lockkeeper takes a clock. */
export interface SimulatedClock {
  now(): number
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
  /** Timers that have been set and neither fired nor been cleared. */
  readonly timers: number
  /** Lets time pass, firing every timer that falls due, in the order of their times; ties in the order they were set. */
  advance(ms: number): void
}

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A clock for tests.
 *
 * @param startMs What `now()` says at first, in milliseconds.
 *
 * @example
 * const clock = simulatedClock()
 * const mailbox = new Mailbox({ clock, lanes })
 * clock.advance(500)
 */
export function simulatedClock(startMs = 0): SimulatedClock {
  const timers = new Set<Timer>()
  let nowMs = startMs
  let order = 0
  const earliestUntil = (endMs: number): Timer | undefined =>
    [...timers]
      .filter(({ atMs }) => atMs <= endMs)
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order)
      .at(0)
  return {
    now: () => nowMs,
    setTimeout: (callback, ms) => {
      const timer: Timer = { atMs: nowMs + Math.max(0, ms), order: order++, callback }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer) => void timers.delete(timer as Timer),
    get timers() {
      return timers.size
    },
    advance: (ms) => {
      const endMs = nowMs + ms
      for (let timer = earliestUntil(endMs); timer !== undefined; timer = earliestUntil(endMs)) {
        timers.delete(timer)
        nowMs = timer.atMs
        timer.callback()
      }
      nowMs = endMs
    },
  }
}
