import { setImmediate as nextTurn } from 'node:timers/promises'
import { contenderTurnMs } from '../../limits.ts'
import { monotonicMs } from '../../measure/monotonic.ts'
import { sleepThread } from '../../measure/sleep-thread.ts'
import { endWithParent, heard, orderOf, say, sayLast } from '../../processes/in-side-process.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { insertText } from '../../subjects/schema.ts'
import { fractions } from '../../subjects/xorshift.ts'
import type { ContenderAnswer, ContenderOrder, ContentionWindow } from './contention.ts'
import type { Hold } from './handovers.ts'
import { openWaiting } from './waiting.ts'

endWithParent()
const order = orderOf() as ContenderOrder
const database = await openWaiting(order.folder, order.waiting)
const begin = database.prepare('begin immediate')
const insert = database.prepare(insertText)
const commit = database.prepare('commit')
const body = inTurn(makeTexts())
const thought = fractions(order.contender)

const told = heard()
say('ready')
const answer = await contend((await told) as ContentionWindow)
database.close()
sayLast(answer)

async function contend({ opensAtMs, shutsAtMs }: ContentionWindow): Promise<ContenderAnswer> {
  const holds: Hold[] = []
  let [rows, commits, gaveUp] = [0, 0, 0]
  for (let turnAtMs = monotonicMs(); turnAtMs < shutsAtMs; ) {
    const hold = transact()
    if (hold === undefined) gaveUp++
    else {
      rows += order.rows
      if (hold.releasedAtMs >= opensAtMs && hold.releasedAtMs <= shutsAtMs) commits++
      if (order.isLogged) holds.push(hold)
      if (order.thinkMs > 0) sleepThread(order.thinkMs * (0.5 + thought()))
    }
    // Now and then, for the word that the parent is gone.
    if (monotonicMs() - turnAtMs < contenderTurnMs) continue
    await nextTurn()
    turnAtMs = monotonicMs()
  }
  return { rows, commits, gaveUp, holds }
}

/** @returns undefined if the lock could not be had. */
function transact(): Hold | undefined {
  const beganAtMs = monotonicMs()
  try {
    begin.run()
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return undefined
    throw error
  }
  const acquiredAtMs = monotonicMs()
  for (let row = 0; row < order.rows; row++) insert.run(body())
  if (order.holdMs > 0) sleepThread(order.holdMs)
  const committingAtMs = monotonicMs()
  commit.run()
  return { holder: order.contender, beganAtMs, acquiredAtMs, committingAtMs, releasedAtMs: monotonicMs() }
}
