import { parentPort, workerData } from 'node:worker_threads'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { findSignals } from '../engine/signals.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import { WorkGate } from '../interrupts/work-gate.ts'
import { loadSetup } from '../procedures/connection-setup.ts'
import { loadProcedures } from '../procedures/load.ts'
import type { ReadAnswer } from '../readers/read-work.ts'
import { runRead } from '../readers/run-read.ts'
import { buffersOf } from '../wire/rows.ts'
import type { FromReaderThread, ReaderThreadData, ToReaderThread } from './messages.ts'
import { ProfileReporter } from './profile-reporter.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of Lockkeeper only')
const data = workerData as ReaderThreadData
const post = (message: FromReaderThread, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

try {
  const procedures = await loadProcedures(data.procedures)
  const connection = betterSqlite3.openReader(data.file, {
    setup: await loadSetup(data.connection),
    signals: await findSignals(data.signals),
  })
  const profile = new ProfileReporter(connection.signals, post)
  const parts = { connection, procedures, gate: new WorkGate(data.gate) }
  port.on('message', (message: ToReaderThread) => {
    if (message.type === 'leave') {
      profile.stop()
      connection.close()
      port.close()
      return
    }
    const busy: Record<string, number> = {}
    reply(message.id, runRead(parts, message.id, message.work, busy), busy)
    profile.note()
    // A connection must come back clean (promise 9). One that doesn't takes its thread down, and is replaced.
    if (connection.inTransaction) throw new Error('A read left its transaction open')
  })
  post({ type: 'ready', signals: connection.signalsState })
} catch (thrown) {
  post({ type: 'refused', error: errorToWire(errorFromThrown(thrown, { stage: 'open' })) })
  port.close()
}

function reply(id: number, answer: ReadAnswer, busy: Record<string, number>): void {
  try {
    post({ type: 'answer', id, answer, busy }, answer.kind === 'rows' ? buffersOf(answer.rows) : [])
  } catch (cause) {
    const error = new LockkeeperError(
      'The procedure’s result cannot be sent to the app’s thread: return plain values, arrays, objects and bytes',
      { code: 'invalid-argument', stage: 'read', cause },
    )
    post({ type: 'answer', id, answer: { kind: 'error', error: errorToWire(error) }, busy })
  }
}
