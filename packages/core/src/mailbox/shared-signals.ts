/**
 * One listener for each signal, however many wait on it. A signal looks through all its listeners whenever one is added, so
 * that ten thousand reads with one signal would hold the app's thread for a hundred milliseconds.
 */
export class SharedSignals {
  readonly #callbacks = new WeakMap<AbortSignal, Set<() => void>>()

  /** Calls back once the signal aborts. The answer stops listening; the last one takes the listener away. */
  listen(signal: AbortSignal, callback: () => void): () => void {
    const callbacks = this.#callbacks.get(signal) ?? this.#open(signal)
    callbacks.add(callback)
    return () => {
      if (callbacks.delete(callback) && callbacks.size === 0) this.#close(signal)
    }
  }

  #open(signal: AbortSignal): Set<() => void> {
    const callbacks = new Set<() => void>()
    this.#callbacks.set(signal, callbacks)
    signal.addEventListener('abort', this.#onAbort)
    return callbacks
  }

  #close(signal: AbortSignal): void {
    this.#callbacks.delete(signal)
    signal.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = ({ target }: Event): void => {
    const signal = target as AbortSignal
    const callbacks = this.#callbacks.get(signal)
    this.#close(signal)
    for (const callback of callbacks ?? []) callback()
  }
}
