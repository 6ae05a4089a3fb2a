import type { Clock } from '../clock.ts'
import { gapLookMs, gapMsMax, gapSettleMsMax } from '../limits.ts'
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

  /**
   * @param clock one whose timers keep the process alive: while a gap is open no thread need be at work, and the reads that wait
   * would be lost with the process.
   */
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
   * @param onOver told whether all that ran have ended, or the time is over; and if they have, later, that there was time
   * enough to make use of it.
   */
  open(onOver: (isQuiet: boolean) => void): void {
    this.#isOpen = true
    this.#await('background', (isQuiet) => {
      if (isQuiet) this.#await('interactive', (isStillQuiet) => this.#onLooked(isStillQuiet, onOver))
      else this.#onLooked(false, onOver)
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

  #await(name: ReadClass, onLooked: (isQuiet: boolean) => void): void {
    this.#leases.hold(name)
    const endsAt = this.#clock.now() + gapMsMax[name]
    const look = (): void => {
      const isQuiet = this.#leases.oldest([name]) === undefined
      if (isQuiet || this.#clock.now() >= endsAt) onLooked(isQuiet)
      else this.#timer = this.#clock.setTimeout(look, gapLookMs)
    }
    look()
  }

  /** Until it is closed somebody waits: the time is never left to run without a timer. */
  #onLooked(isQuiet: boolean, onOver: (isQuiet: boolean) => void): void {
    this.#timer = this.#clock.setTimeout(() => this.#onLooked(false, onOver), gapSettleMsMax)
    onOver(isQuiet)
  }
}
