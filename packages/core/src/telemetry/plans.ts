import type { Clock } from '../clock.ts'
import { planPauseMs, plansKept } from './limits.ts'
import type { Explainable } from './slow-log.ts'

/** Asks SQLite how it would go about a statement, later and elsewhere. Answers undefined where it can't be told. */
export type Explain = (statement: Explainable) => Promise<readonly string[] | undefined>

/**
 * The plans of slow statements: each text is asked after once, some time later, one at a time, so that looking at what is slow is no
 * load of its own. Where it fails there is no plan.
 */
export class Plans {
  readonly #clock: Clock
  readonly #explain: Explain
  /** Those that were asked for; undefined until they are there. The oldest is forgotten. */
  readonly #plans = new Map<string, readonly string[] | undefined>()
  #waiting: Explainable[] = []
  #timer: unknown
  #isAsking = false
  #hasEnded = false

  /** @param clock one whose timers don't keep the process alive. */
  constructor(clock: Clock, explain: Explain) {
    this.#clock = clock
    this.#explain = explain
  }

  want(statement: Explainable): void {
    if (this.#hasEnded || this.#plans.has(statement.sql)) return
    if (this.#plans.size >= plansKept) this.#forgetOldest()
    this.#plans.set(statement.sql, undefined)
    this.#waiting.push(statement)
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
    if (this.#waiting[0]?.sql === oldest) this.#waiting.shift()
  }

  #askLater(): void {
    if (this.#timer !== undefined || this.#isAsking || this.#waiting.length === 0) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      void this.#ask()
    }, planPauseMs)
  }

  async #ask(): Promise<void> {
    const statement = this.#waiting.shift()
    if (statement === undefined) return
    this.#isAsking = true
    try {
      const plan = await this.#explain(statement)
      if (this.#plans.has(statement.sql)) this.#plans.set(statement.sql, plan)
    } catch {
      // It is worth nothing to anybody but who reads the report, and that one sees that there is none.
    } finally {
      this.#isAsking = false
      if (!this.#hasEnded) this.#askLater()
    }
  }
}
