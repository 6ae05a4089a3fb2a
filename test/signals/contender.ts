import type { LockWaits, Watch } from '@lockkeeper/signals'
import { type ChildExit, type ChildProcess, childProcess } from '@lockkeeper/testkit'
import type { Attempt, ContenderOptions } from './programs/contender.ts'
import { untilWaits } from './room.ts'

/** Longer than any test waits. */
const patientMs = 20_000

/**
 * A process that takes the write lock when the test says so.
 *
 * @example
 * await using holder = await Contender.start({ file, name: 'holder' })
 * await holder.ask()
 * await holder.takes()
 * await holder.release()
 */
export class Contender implements AsyncDisposable {
  readonly watch: Watch
  readonly #child: ChildProcess
  readonly #options: ContenderOptions
  #heard = 1

  private constructor(child: ChildProcess, options: ContenderOptions) {
    this.#child = child
    this.#options = options
    this.watch = child.told[0] as Watch
  }

  /** @param options By default it waits for long, and commits. */
  static async start(options: Partial<ContenderOptions> & Pick<ContenderOptions, 'file' | 'name'>) {
    const complete: ContenderOptions = {
      ending: 'commit',
      waitsMs: [patientMs],
      withoutRights: false,
      ...options,
    }
    const child = childProcess(new URL('./programs/contender.ts', import.meta.url), {
      args: [JSON.stringify(complete)],
    })
    try {
      await child.toldAtLeast(1)
    } catch (thrown) {
      await child[Symbol.asyncDispose]()
      throw thrown
    }
    return new Contender(child, complete)
  }

  get pid(): number {
    return this.#child.pid
  }

  get exited(): Promise<ChildExit> {
    return this.#child.exited
  }

  get #endsProcess(): boolean {
    return this.#options.ending === 'end' || this.#options.ending === 'exit'
  }

  /** Lets it ask for the lock; resolves when that is the next thing it does. */
  async ask(): Promise<void> {
    await this.#child.reached('idle')
    this.#child.pass('idle')
    await this.#next()
  }

  /** What became of its asking. */
  async attempt(): Promise<Attempt> {
    return (await this.#next()) as Attempt
  }

  /** Resolves when it has the lock it asked for, with how its waits went so far. */
  async takes(): Promise<LockWaits> {
    const { code, waits } = await this.attempt()
    if (code !== undefined) throw new Error(`It got ${code} instead of the lock`)
    return waits
  }

  /** Lets it ask for a lock that is free, and take it. */
  async takesFree(): Promise<LockWaits> {
    await this.ask()
    return await this.takes()
  }

  /** Lets it ask for a lock that is taken; resolves when it has its place in the queue. */
  async queues(): Promise<void> {
    await this.ask()
    await untilWaits(this.#options.file, { pid: this.pid })
  }

  /** Lets it give the lock up, in its way; resolves when it has. */
  async release(): Promise<void> {
    await this.#child.reached('locked')
    this.#child.pass('locked')
    if (this.#endsProcess) await this.exited
    else await this.#next()
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.pid, name)
  }

  /** Ends it as `kill -9` does; resolves when it has gone. */
  async kill(): Promise<void> {
    this.#child.kill()
    await this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }

  async #next(): Promise<unknown> {
    await this.#child.toldAtLeast(this.#heard + 1)
    return this.#child.told[this.#heard++]
  }
}
