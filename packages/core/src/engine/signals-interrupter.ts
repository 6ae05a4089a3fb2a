import type { Interrupter } from '../interrupts/interrupter.ts'
import type { SignalsState } from './signals.ts'
import type { SignalsControl } from './signals-control.ts'

/**
 * The app thread's interrupts. SQLite comes into the app's thread only once a thread has told that it has the extension;
 * until then, and without it, nothing is ever interrupted.
 */
export class SignalsInterrupter implements Interrupter {
  #control: SignalsControl | undefined
  #asked = false

  get isReady(): boolean {
    return this.#control !== undefined
  }

  /** A thread is ready, and says what the extension does for its connection. */
  use({ target }: SignalsState): void {
    if (target === undefined || this.#asked) return
    this.#asked = true
    this.#open(target.path).catch((thrown: unknown) => {
      process.emitWarning(`Running statements cannot be interrupted: ${String(thrown)}`, warning)
    })
  }

  interrupt(connection: number): boolean {
    return this.#control?.interrupt(connection) ?? false
  }

  wake(connection: number): boolean {
    return this.#control?.wake(connection) ?? false
  }

  async #open(path: string): Promise<void> {
    const { signalsControlAt } = await import('./signals-control.ts')
    this.#control = await signalsControlAt(path)
  }
}

const warning = { type: 'LockkeeperWarning', code: 'LOCKKEEPER_SIGNALS' }

/** One clear notice, for a person who expects the extension to work. */
export function warnOfSignals(state: SignalsState): void {
  if (state.isFault && state.notice !== undefined) {
    process.emitWarning(`Lockkeeper runs without all of its signals: ${state.notice}`, warning)
  }
}
