import type { WatchClock } from './clock.ts'

export interface WatchOptions<Seen> {
  /** Looks once; what it throws is told, and does not end the watch. */
  readonly look: (signal: AbortSignal) => Promise<Seen>
  readonly show: (seen: Seen) => void
  /** Told of every look that failed: why, and how many in a row have. */
  readonly showFailure: (error: unknown, failures: number) => void
  readonly intervalMs: number
  readonly clock: WatchClock
  /** Ends it, in the middle of a look too. */
  readonly signal: AbortSignal
}

/**
 * Looks again and again, with a pause between the end of one look and the next, until it is told to end. The first look has to
 * succeed: an address that was never right is a mistake, one that stops answering may come back.
 *
 * @throws whatever the first look throws.
 */
export async function watch<Seen>(options: WatchOptions<Seen>): Promise<void> {
  const { look, show, showFailure, intervalMs, clock, signal } = options
  let hasSeen = false
  let failures = 0
  while (!signal.aborted) {
    try {
      const seen = await look(signal)
      hasSeen = true
      failures = 0
      if (!signal.aborted) show(seen)
    } catch (error) {
      if (signal.aborted) return
      if (!hasSeen) throw error
      showFailure(error, ++failures)
    }
    await pause(intervalMs, clock, signal)
  }
}

function pause(ms: number, clock: WatchClock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
