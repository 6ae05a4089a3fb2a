import { setImmediate as nextTurn } from 'node:timers/promises'
// The mailbox is no part of the public surface; a million queued writes would never pass the public bounds.
import { systemClock } from '../../../../../packages/core/src/clock.ts'
import { laneDefaults } from '../../../../../packages/core/src/limits.ts'
import { Mailbox } from '../../../../../packages/core/src/mailbox/mailbox.ts'
import { PendingWrite } from '../../../../../packages/core/src/mailbox/pending-write.ts'
import { cancelledEvery, mailboxTurn } from '../../limits.ts'
import { LoopDelay } from '../../measure/loop-delay.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { insertText } from '../../subjects/schema.ts'
import type { Trial } from '../../trials/trial.ts'

/** What a write costs in a mailbox where so many wait: each enters and leaves, every tenth leaves by its signal. */
export function mailboxAt(depth: number): Trial {
  return async ({ pace }) => {
    const flow = new MailboxFlow(depth)
    await flow.pass(mailboxTurn * 20)
    globalThis.gc?.()
    const loopDelay = await LoopDelay.start()
    const startedAt = performance.now()
    const passed = await flow.pass(pace.mailboxWrites)
    const elapsedMs = performance.now() - startedAt
    const delays = await loopDelay.stop()
    return { cost: { value: (elapsedMs / passed) * 1e6, unit: 'ns' }, ...delays }
  }
}

/** Keeps a mailbox at one depth while writes pass through it. */
class MailboxFlow {
  readonly #depth: number
  readonly #mailbox: Mailbox
  readonly #body = inTurn(makeTexts())
  /** Who can still be cancelled, in a ring as long as half the queue: who is cancelled stands in its middle. */
  readonly #cancellable: (AbortController | undefined)[]
  #entered = 0

  constructor(depth: number) {
    this.#depth = depth
    this.#cancellable = new Array(depth / 2 / cancelledEvery).fill(undefined)
    const capacity = depth + mailboxTurn
    this.#mailbox = new Mailbox({
      clock: systemClock,
      lanes: { ...laneDefaults, user: { ...laneDefaults.user, capacity } },
    })
    while (this.#mailbox.depth < depth) this.#enter()
  }

  /** @returns how many writes entered; as many left. */
  async pass(writes: number): Promise<number> {
    const enteredBefore = this.#entered
    while (this.#entered - enteredBefore < writes) {
      for (let count = 0; count < mailboxTurn; count++) this.#enter()
      while (this.#mailbox.depth > this.#depth) this.#mailbox.takeBatch()
      await nextTurn()
    }
    return this.#entered - enteredBefore
  }

  #enter(): void {
    if (++this.#entered % cancelledEvery !== 0) {
      this.#mailbox.enter(makeWrite(this.#body(), undefined))
      return
    }
    const controller = new AbortController()
    this.#mailbox.enter(makeWrite(this.#body(), controller.signal))
    const place = (this.#entered / cancelledEvery) % this.#cancellable.length
    this.#cancellable[place]?.abort(reason)
    this.#cancellable[place] = controller
  }
}

/** Made once: without it each abort makes an error with a stack of its own, which is not the mailbox’s doing. */
const reason = new Error('no longer wanted')

/** One for all, as in the app. */
const ignore = (): void => {}

function makeWrite(body: string, signal: AbortSignal | undefined): PendingWrite {
  return new PendingWrite({
    work: { kind: 'statement', sql: insertText, parameters: [body] },
    lane: 'user',
    label: undefined,
    durability: 'process',
    bytes: body.length,
    enteredAtMs: performance.now(),
    deadlineMs: undefined,
    signal,
    onUnheard: ignore,
  })
}
