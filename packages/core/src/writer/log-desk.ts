import type { Thread } from '../threads/start.ts'
import type { CheckpointRun, LogSize } from '../wal/checkpoint.ts'
import type { FinishOrder } from '../wal/finish.ts'

/** What the writer tells the log's governor. */
export interface LogListener {
  /** A batch was answered; how long the log was after it, if it was looked at. */
  onBatch(commits: number, size: LogSize | undefined): void
}

/** The app thread's side of the log: what the writer's thread sees of it, and its part in emptying it. */
export class LogDesk {
  listener: LogListener | undefined
  #thread: Thread<'writer'> | undefined
  #done: ((result: CheckpointRun | undefined) => void) | undefined

  connect(thread: Thread<'writer'> | undefined): void {
    this.#thread = thread
    // Its thread has gone, and will not answer.
    this.onFinished(undefined)
  }

  /** Between two batches: see `finishLog`. Told undefined where there is no thread to do it. One at a time. */
  finish(order: FinishOrder, done: (result: CheckpointRun | undefined) => void): void {
    if (this.#done !== undefined) throw new Error('The writer is finishing the log already')
    if (this.#thread === undefined) {
      done(undefined)
      return
    }
    this.#done = done
    this.#thread.post({ type: 'finish-log', order })
  }

  onFinished(result: CheckpointRun | undefined): void {
    const done = this.#done
    this.#done = undefined
    done?.(result)
  }
}
