import { systemClock, type WatchClock } from '../watch/clock.ts'

/** Where the command speaks, and what it hears from there. */
export interface Terminal {
  out(text: string): void
  error(text: string): void
  /** Columns that a line may take. */
  readonly width: number
  readonly rows: number
  /** Whether somebody looks at it: then a page is drawn over the last one. */
  readonly isScreen: boolean
  readonly color: boolean
  /** Ends what goes on by itself: Ctrl-C. Asking for it takes Ctrl-C over; until then it ends the process at once. */
  readonly interrupted: AbortSignal
  readonly clock: WatchClock
}

/** The process's own. A reader that goes, as `| head` does, ends it without an outcry. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  let interruption: AbortController | undefined
  return {
    out: (text) => void stdout.write(text),
    error: (text) => void stderr.write(text),
    get width() {
      return sizeOf(stdout).width
    },
    get rows() {
      return sizeOf(stdout).rows
    },
    isScreen: stdout.isTTY === true,
    color: stdout.isTTY === true && env.NO_COLOR === undefined && env.TERM !== 'dumb',
    get interrupted() {
      interruption ??= takeSignals()
      return interruption.signal
    },
    clock: systemClock,
  }
}

/** Some terminals were never told their size, in containers for one, and say 0: then pages are as long as they are. */
export function sizeOf({ columns = 0, rows = 0 }: { columns?: number; rows?: number }): {
  readonly width: number
  readonly rows: number
} {
  return { width: columns > 0 ? columns : 100, rows: rows > 0 ? rows : Number.POSITIVE_INFINITY }
}

/** A second one ends the process at once, as it would without us. */
function takeSignals(): AbortController {
  const interruption = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interruption.abort())
  return interruption
}
