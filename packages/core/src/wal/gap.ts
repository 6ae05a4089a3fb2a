import type { Clock } from '../clock.ts'
import { gapLookMs, gapMsMax } from '../limits.ts'
import type { Leases } from '../readers/leases.ts'
import type { ReadClass } from '../readers/read-class.ts'

/**
 * A moment without readers: new leases of some classes wait, until those that run have ended. Readers that overlap without end
 * would keep the log from ever beginning anew, however short each of them is.
 *
 * ```
 * without                                 with a gap
 * reader 1  ████  ████  ████              reader 1  ████  ·····████
 * reader 2    ████  ████  ████            reader 2    ████·····  ████
 *           never free                                    ↑ the log begins anew
 * ```
 */
export class Gap {
  readonly #clock: Clock
  readonly #leases: Leases
  #timer: unknown
  #isOpen = false

  constructor(clock: Clock, leases: Leases) {
    this.#clock = clock
    this.#leases = leases
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /**
   * Background leases are held back first, interactive ones only once those have ended: an interactive read never waits for a
   * background one (promise 7).
   *
   * @param onOver told once: whether all that ran have ended, or the time is over.
   */
  open(onOver: (isQuiet: boolean) => void): void {
    this.#isOpen = true
    this.#await('background', (isQuiet) => {
      if (isQuiet) this.#await('interactive', onOver)
      else onOver(false)
    })
  }

  /** New leases go on. @returns whether it was open. */
  close(): boolean {
    this.#clock.clearTimeout(this.#timer)
    const wasOpen = this.#isOpen
    this.#isOpen = false
    if (wasOpen) this.#leases.goOn()
    return wasOpen
  }

  #await(name: ReadClass, onOver: (isQuiet: boolean) => void): void {
    this.#leases.hold(name)
    const endsAt = this.#clock.now() + gapMsMax[name]
    const look = (): void => {
      const isQuiet = this.#leases.oldest([name]) === undefined
      if (isQuiet || this.#clock.now() >= endsAt) onOver(isQuiet)
      else this.#timer = this.#clock.setTimeout(look, gapLookMs)
    }
    look()
  }
}
