import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * A module of the bench in a process of its own, on this process's Node. It is killed when its scope ends, if it still runs
 * then; it ends by itself when this process dies, because it calls `endWithParent`.
 *
 * @example
 * await using waiter = new SideProcess(new URL('./waiter-process.ts', import.meta.url), order)
 * const answer = await waiter.next()
 * await waiter.ended()
 */
export class SideProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>
  readonly #messages: AsyncIterator<unknown[]>

  /** @param order plain data, for `orderOf` over there. */
  constructor(entry: URL, order: object = {}) {
    // Standard output is for results.
    this.#child = fork(fileURLToPath(entry), [JSON.stringify(order)], { stdio: ['ignore', 2, 2, 'ipc'] })
    this.#exit = once(this.#child, 'exit')
    // Its channel closes after its last message has come; 'exit' may overtake messages.
    this.#messages = on(this.#child, 'message', { close: ['disconnect'] })
  }

  send(message: object): void {
    this.#child.send(message)
  }

  /**
   * What it says next.
   * @throws Error if it ends without saying more.
   */
  async next(): Promise<unknown> {
    const { value, done } = await this.#messages.next()
    if (done !== true) return value[0]
    await this.#exit
    const { exitCode, signalCode } = this.#child
    throw new Error(
      `A process of the bench said no more and ended (${signalCode ?? `exit code ${exitCode}`})`,
    )
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<void> {
    await this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode === null && signalCode === null) this.#child.kill('SIGKILL')
    await this.#exit
  }
}
