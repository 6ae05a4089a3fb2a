import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckpointMode } from './store-connection.ts'

/** A checkpoint every so often, never two at a time. */
export class RegularCheckpoint {
  readonly #checkpoint: () => Promise<unknown>
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  done = 0

  constructor(everyMs: number, checkpoint: () => Promise<unknown>) {
    this.#checkpoint = checkpoint
    this.#timer = setInterval(() => void this.run(), everyMs)
  }

  /** Now; one that is running counts as this one. One that fails is tried again at its next time, as the real one was. */
  run(): Promise<void> {
    this.#running ??= this.#checkpoint().then(
      () => this.#over(1),
      () => this.#over(0),
    )
    return this.#running
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  #over(done: number): void {
    this.#running = undefined
    this.done += done
  }
}

/** @returns `truncate` where the log has become larger than this. */
export function checkpointMode(folder: string, truncateAboveBytes: number): CheckpointMode {
  const size = statSync(join(folder, 'bench.db-wal'), { throwIfNoEntry: false })?.size ?? 0
  return size > truncateAboveBytes ? 'truncate' : 'passive'
}
