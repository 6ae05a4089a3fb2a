import { monotonicMs } from '../../measure/monotonic.ts'
import { SideProcess } from '../../processes/side-process.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countTexts } from '../../subjects/schema.ts'
import type { Trial } from '../../trials/trial.ts'
import type { LoadName } from './loads.ts'

/** What one of the two does. */
export interface Sharer {
  readonly load: LoadName
  /** Whether it has the signals extension. */
  readonly signals: boolean
}

/** What a sharer's process is started with. */
export interface SharerOrder extends Sharer {
  readonly folder: string
}

/** What counts, by the monotonic clock; the load begins before it. */
export interface ShareWindow {
  readonly opensAtMs: number
  readonly shutsAtMs: number
}

/** What a sharer says at its end. */
export interface SharerAnswer {
  /** Transactions in the window. */
  readonly commits: number
  /** Acknowledged, from first to last. */
  readonly rows: number
}

const entry = new URL('./sharer-process.ts', import.meta.url)

/** Two processes with a Lockkeeper each write to one file as fast as they can: what part of the commits each gets. */
export function share(first: Sharer, second: Sharer): Trial {
  return async ({ folder, pace }) => {
    await using processes = new AsyncDisposableStack()
    const sharers: SideProcess[] = []
    for (const sharer of [first, second]) {
      const child = processes.use(new SideProcess(entry, { ...sharer, folder } satisfies SharerOrder))
      await child.next()
      sharers.push(child)
    }
    const opensAtMs = monotonicMs() + pace.warmUpMs
    const window: ShareWindow = { opensAtMs, shutsAtMs: opensAtMs + pace.contentionMs }
    for (const child of sharers) child.send(window)
    const answers = (await Promise.all(sharers.map((child) => child.next()))) as SharerAnswer[]
    await Promise.all(sharers.map((child) => child.ended()))
    const rows = answers.reduce((sum, answer) => sum + answer.rows, 0)
    const db = await openBench(folder)
    assertStored(await db.readValue(countTexts), rows)
    await db.close()
    const commits = answers.map((answer) => answer.commits)
    const all = commits.reduce((sum, count) => sum + count, 0)
    return {
      smaller_share: { value: (Math.min(...commits) / all) * 100, unit: '%' },
      first_share: { value: ((commits[0] ?? 0) / all) * 100, unit: '%' },
      commits: { value: (all / pace.contentionMs) * 1_000, unit: 'transactions/s' },
      rows: { value: (rows / (pace.contentionMs + pace.warmUpMs)) * 1_000, unit: 'rows/s' },
    }
  }
}
