/** A load that goes on until it is told to stop. */
export class SteadyLoad {
  /** What has been acknowledged since the start. */
  acknowledged = 0
  #stopped = false
  readonly #ended: Promise<unknown>

  /** @param turn writes, and answers how many writes were acknowledged; repeated by each caller without a pause. */
  constructor(callers: number, turn: (caller: number) => Promise<number>) {
    this.#ended = Promise.all(Array.from({ length: callers }, (_, caller) => this.#repeat(caller, turn)))
    this.#ended.catch(() => undefined) // whoever stops the load is told
  }

  /** Ends it, and answers when the last write under way has its answer. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#ended
  }

  async #repeat(caller: number, turn: (caller: number) => Promise<number>): Promise<void> {
    while (!this.#stopped) {
      // Added after the wait: `+= await` would add to what was counted before it, and lose the other callers' writes.
      const acknowledged = await turn(caller)
      this.acknowledged += acknowledged
    }
  }
}
