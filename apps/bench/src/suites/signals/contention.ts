import { monotonicMs } from '../../measure/monotonic.ts'
import { SideProcess } from '../../processes/side-process.ts'
import { assertStored, countTexts } from '../../subjects/schema.ts'
import type { TrialSettings } from '../../trials/trial.ts'
import type { Hold } from './handovers.ts'
import { makeTables, readOnce, type Waiting } from './waiting.ts'

/** What each contender does again and again. */
export interface Habit {
  readonly rows: number
  /** Time between the last row and COMMIT. */
  readonly holdMs: number
  /** Time between COMMIT and the next BEGIN, at the median; each is drawn from half of it to one and a half. */
  readonly thinkMs: number
  /** Whether each transaction's times are wanted. */
  readonly isLogged: boolean
}

/** What a contender's process is started with. */
export interface ContenderOrder extends Habit {
  readonly folder: string
  readonly waiting: Waiting
  /** From 1. */
  readonly contender: number
}

/** When all begin to contend, and what counts; by the monotonic clock. */
export interface ContentionWindow {
  readonly opensAtMs: number
  readonly shutsAtMs: number
}

/** What a contender says at its end. */
export interface ContenderAnswer {
  /** Rows committed from first to last. */
  readonly rows: number
  /** Transactions committed in the window. */
  readonly commits: number
  /** BEGINs that failed with SQLITE_BUSY, having waited as long as they may. */
  readonly gaveUp: number
  readonly holds: readonly Hold[]
}

export interface Contention {
  readonly contenders: readonly ContenderAnswer[]
  readonly window: ContentionWindow
}

/** Lets so many processes contend for the write lock of one file, and checks that all they committed is there. */
export async function contend(
  { folder, pace }: TrialSettings,
  waiting: Waiting,
  count: number,
  habit: Habit,
): Promise<Contention> {
  await makeTables(folder)
  await using processes = new AsyncDisposableStack()
  const contenders = Array.from({ length: count }, (_, index) => {
    const order: ContenderOrder = { ...habit, folder, waiting, contender: index + 1 }
    return processes.use(new SideProcess(new URL('./contender-process.ts', import.meta.url), order))
  })
  await Promise.all(contenders.map((contender) => contender.next()))
  const opensAtMs = monotonicMs() + pace.warmUpMs
  const window: ContentionWindow = { opensAtMs, shutsAtMs: opensAtMs + pace.contentionMs }
  for (const contender of contenders) contender.send(window)
  const answers = (await Promise.all(contenders.map((contender) => contender.next()))) as ContenderAnswer[]
  await Promise.all(contenders.map((contender) => contender.ended()))
  const committed = answers.reduce((sum, { rows }) => sum + rows, 0)
  assertStored(await readOnce(folder, countTexts), committed)
  return { contenders: answers, window }
}
