import { type ChildProcess, childProcess } from '@lockkeeper/testkit'

/**
 * A neighbour that runs SQL when it is told to.
 *
 * @example
 * await using neighbour = new ScriptRunner(file, ['drop table notes'])
 * await neighbour.next()
 */
export class ScriptRunner implements AsyncDisposable {
  readonly #child: ChildProcess
  #run = 0

  constructor(file: string, scripts: readonly string[]) {
    this.#child = childProcess(new URL('./programs/scripts.ts', import.meta.url), {
      args: [file, JSON.stringify(scripts)],
    })
  }

  /** Runs the next script; resolves when it is committed. */
  async next(): Promise<void> {
    await this.#child.reached('script')
    this.#child.pass('script')
    await this.#child.toldAtLeast(++this.#run)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }
}
