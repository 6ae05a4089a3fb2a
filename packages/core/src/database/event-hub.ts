/** Typed listeners, without the special meaning that Node's emitter gives to `error`. */
export class EventHub<Events> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => void>>()

  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(name, listeners)
    return () => listeners.delete(listener)
  }

  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        ;(listener as (detail: Events[Name]) => void)(detail)
      } catch (thrown) {
        // A listener that throws must not stop what it listens to.
        process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
      }
    }
  }
}
