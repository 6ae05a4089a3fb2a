import { errorFromWire } from '../errors/wire.ts'
import { type AnswersMessage, answerAt, rowsAt } from './answers-message.ts'
import { elsewhere } from './message-under-way.ts'
import type { PendingRead } from './pending-read.ts'
import type { SeatDesk } from './seat-desk.ts'

/** Gives each read of a message its answer. */
export function settleReads(reads: readonly PendingRead[], message: AnswersMessage, desk: SeatDesk): void {
  const others = new Map(message.others)
  for (let at = 0; at < message.answered; at++) {
    const read = reads[at]
    if (read === undefined || read === elsewhere) continue
    desk.ran(read, message.times[at] as number, rowsAt(message, at))
    // Given up meanwhile: its caller has been told, and what it came to is nobody's.
    if (read.settled) continue
    const answer = answerAt(message, others, at)
    if (answer.kind === 'error') desk.fail(read, errorFromWire(answer.error))
    else desk.answer(read, answer)
  }
}
