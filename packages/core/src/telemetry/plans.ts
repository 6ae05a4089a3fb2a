import type { Clock } from '../clock.ts'
import { planPauseMs, plansKept } from './limits.ts'

/** Asks SQLite how it would go about a statement, later and elsewhere. Answers undefined where it can't be told. */
export type Explain = (sql: string) => Promise<readonly string[] | undefined>

/**
 * The plans of slow statements: each text is asked after once, some time later, one at a time, so that looking at what is slow is no
 * load of its own. Where it fails there is no plan.
 */
export class Plans {
  readonly #clock: Clock
  readonly #explain: Explain
  /** Those that were asked for; undefined until they are there. The oldest is forgotten. */
  readonly #plans = new Map<string, readonly string[] | undefined>()
  #waiting: string[] = []
  #timer: unknown
  #isAsking = false
  #hasEnded = false

  /** @param clock one whose timers don't keep the process alive. */
  constructor(clock: Clock, explain: Explain) {
    this.#clock = clock
    this.#explain = explain
  }

  want(sql: string): void {
    if (this.#hasEnded || this.#plans.has(sql)) return
    if (this.#plans.size >= plansKept) this.#forgetOldest()
    this.#plans.set(sql, undefined)
    this.#waiting.push(sql)
    this.#askLater()
  }

  /** How many are still to be asked for. */
  get waiting(): number {
    return this.#waiting.length
  }

  of(sql: string): readonly string[] | undefined {
    return this.#plans.get(sql)
  }

  end(): void {
    this.#hasEnded = true
    this.#waiting = []
    this.#clock.clearTimeout(this.#timer)
  }

  /** Those that wait are the youngest of all, in the same order: an app whose texts never end would fill memory with them. */
  #forgetOldest(): void {
    const oldest = this.#plans.keys().next().value as string
    this.#plans.delete(oldest)
    if (this.#waiting[0] === oldest) this.#waiting.shift()
  }

  #askLater(): void {
    if (this.#timer !== undefined || this.#isAsking || this.#waiting.length === 0) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      void this.#ask()
    }, planPauseMs)
  }

  async #ask(): Promise<void> {
    const sql = this.#waiting.shift()
    if (sql === undefined) return
    this.#isAsking = true
    try {
      const plan = await this.#explain(sql)
      if (this.#plans.has(sql)) this.#plans.set(sql, plan)
    } catch {
      // It is worth nothing to anybody but who reads the report, and that one sees that there is none.
    } finally {
      this.#isAsking = false
      if (!this.#hasEnded) this.#askLater()
    }
  }
}
