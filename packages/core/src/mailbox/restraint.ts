import type { Clock } from '../clock.ts'
import { restingLookMs } from '../limits.ts'
import type { Lane } from './lane.ts'
import type { LaneName } from './lane-name.ts'

/**
 * Keeps lower lanes short while the log is long (promise 11): after each turn a lane rests for as long as makes its share come
 * out right, and at a share of 1 it pauses. Users are never held back, nor what somebody waits for.
 */
export class Restraint {
  readonly #clock: Clock
  readonly #lanes: readonly Lane[]
  readonly #onReady: (lane: LaneName) => void
  readonly #timers = new Map<Lane, unknown>()
  #share = 0
  #isHeld = false
  #isLifted = false
  #stayTimer: unknown
  #onRest: ((lane: LaneName, isResting: boolean) => void) | undefined

  /** @param clock one whose timers keep the process alive, as what waits in a lane has to. */
  constructor(clock: Clock, lanes: readonly Lane[], onReady: (lane: LaneName) => void) {
    this.#clock = clock
    this.#lanes = lanes
    this.#onReady = onReady
  }

  /** Calls back whenever a lane begins to rest, or ends. */
  watch(onRest: (lane: LaneName, isResting: boolean) => void): void {
    this.#onRest = onRest
  }

  /** What the lanes give up: from 0, nothing, to 1, everything. */
  get share(): number {
    return this.#share
  }

  get #isPaused(): boolean {
    return this.#isHeld || this.#share >= 1
  }

  set(share: number): void {
    if (this.#isLifted || share === this.#share) return
    this.#change(() => {
      this.#share = share
    })
  }

  /** The lanes pause for a moment, whatever their share. */
  hold(): void {
    if (this.#isLifted) return
    this.#change(() => {
      this.#isHeld = true
    })
  }

  letGo(): void {
    if (!this.#isHeld) return
    this.#change(() => {
      this.#isHeld = false
    })
  }

  /** A lane had the writer for so long. */
  hadTurn(name: LaneName, ms: number): void {
    if (this.#share === 0 || this.#isPaused) return
    const lane = this.#lanes.find((other) => other.name === name)
    if (lane === undefined) return
    this.#pause(lane)
    // No longer than the lane may be kept waiting at all (promise 5): only a pause is longer.
    const restMs = Math.min((ms * this.#share) / (1 - this.#share), lane.limits.waitMsMax)
    this.#timers.set(
      lane,
      this.#clock.setTimeout(() => this.#wake(lane), restMs),
    )
  }

  /**
   * Something waits in a lane that rests: the process must not end before it has been written, though no thread is at work and
   * nothing else may be under way.
   */
  stay(): void {
    const isWanted = this.#lanes.some((lane) => lane.isResting && lane.depth > 0)
    if (isWanted && this.#stayTimer === undefined) {
      this.#stayTimer = this.#clock.setTimeout(() => {
        this.#stayTimer = undefined
        this.stay()
      }, restingLookMs)
    } else if (!isWanted) {
      this.#clock.clearTimeout(this.#stayTimer)
      this.#stayTimer = undefined
    }
  }

  /** For good: the lanes are drained, and nobody may hold them up any more. */
  lift(): void {
    this.set(0)
    this.letGo()
    this.#isLifted = true
  }

  #change(change: () => void): void {
    const wasPaused = this.#isPaused
    change()
    for (const lane of this.#lanes) {
      if (this.#isPaused) this.#pause(lane)
      else if (wasPaused || this.#share === 0) this.#wake(lane)
    }
  }

  #pause(lane: Lane): void {
    this.#stopTimer(lane)
    if (!lane.isResting) this.#onRest?.(lane.name, true)
    lane.isResting = true
    this.stay()
  }

  #wake(lane: Lane): void {
    this.#stopTimer(lane)
    if (!lane.isResting) return
    lane.isResting = false
    this.#onRest?.(lane.name, false)
    this.stay()
    if (lane.isReady) this.#onReady(lane.name)
  }

  #stopTimer(lane: Lane): void {
    this.#clock.clearTimeout(this.#timers.get(lane))
    this.#timers.delete(lane)
  }
}
