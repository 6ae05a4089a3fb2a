/** What must be undone, in the reverse of the order it was done. */
export class Cleanup {
  #steps: (() => Promise<void> | void)[] = []

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step)
  }

  /** Undoes everything, whatever fails on the way. @throws the first failure, in the end. */
  async run(): Promise<void> {
    const steps = this.#steps.reverse()
    this.#steps = []
    const failures: unknown[] = []
    for (const step of steps) {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
