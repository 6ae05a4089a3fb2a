import { storm } from '../limits-peer-store.ts'
import type { Connect, Crowd } from '../subjects/storm-peers.ts'
import { Latencies } from './latencies.ts'
import { Waits } from './waits.ts'

/** Reports a connect. @returns what its caller has to wait for; undefined if for nothing. */
export type ReportConnect = (connect: Connect) => Promise<unknown> | undefined

/**
 * Peers that connect, five thousand times a second, whether or not those before them have been dealt with. What a connect costs its
 * caller is counted from the call to its return, or to the answer if there is one to wait for.
 */
export class ConnectStorm {
  readonly costs = new Latencies('µs')
  readonly waits = new Waits(this.costs)
  reported = 0
  readonly #crowd: Crowd
  readonly #report: ReportConnect
  readonly #onChange: (connect: Connect) => void
  readonly #startedAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  /** @param onChange hears of each connect with other addresses, just after it was reported. */
  constructor(crowd: Crowd, report: ReportConnect, onChange: (connect: Connect) => void) {
    this.#crowd = crowd
    this.#report = report
    this.#onChange = onChange
    this.#schedule()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      const due = ((performance.now() - this.#startedAt) / 1_000) * storm.connectsPerSecond
      while (this.reported < due) this.#connect(this.#crowd.next())
      this.#schedule()
    }, storm.tickMs)
  }

  #connect(connect: Connect): void {
    this.reported++
    const calledAt = performance.now()
    const answer = this.#report(connect)
    if (answer === undefined) this.costs.add(performance.now() - calledAt)
    else this.waits.follow(calledAt, answer)
    if (connect.hasChanged) this.#onChange(connect)
  }
}
