import type { Database } from '@lockkeeper/core'
import { backgroundDepth, feedEveryMs } from '../../limits.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { insertText } from '../../subjects/schema.ts'
import type { Measurement } from '../../trials/trial.ts'

/** Keeps the background lane full of best-effort writes that nobody waits for. */
export class BackgroundFeeder {
  readonly #db: Database
  readonly #body = inTurn(makeTexts())
  readonly #timer: NodeJS.Timeout
  #accepted = 0
  #looks = 0
  #looksFilled = 0

  constructor(db: Database) {
    this.#db = db
    this.#fill()
    this.#timer = setInterval(() => this.#feed(), feedEveryMs)
  }

  /** How often the lane still had work when it was looked at: a rate of a lane that ran empty would mean nothing. */
  get filled(): Measurement {
    return { value: (this.#looksFilled / Math.max(1, this.#looks)) * 100, unit: '%' }
  }

  /** No more work. @returns how many writes were taken in, once all are committed. */
  async stop(): Promise<number> {
    clearInterval(this.#timer)
    // A lane is first in, first out: what comes last says when all is done.
    await this.#db.write(insertText, [this.#body()], { lane: 'background' })
    return this.#accepted + 1
  }

  #feed(): void {
    this.#looks++
    if (this.#db.report().lanes.background.depth > 0) this.#looksFilled++
    this.#fill()
  }

  #fill(): void {
    const { depth } = this.#db.report().lanes.background
    for (let room = backgroundDepth - depth; room > 0; room--) {
      if (this.#db.offer(insertText, [this.#body()])) this.#accepted++
    }
  }
}
