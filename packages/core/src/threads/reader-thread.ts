import { parentPort, workerData } from 'node:worker_threads'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { findSignals } from '../engine/signals.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { errorToWire } from '../errors/wire.ts'
import { WorkGate } from '../interrupts/work-gate.ts'
import { loadSetup } from '../procedures/connection-setup.ts'
import { loadProcedures } from '../procedures/load.ts'
import { ThreadReader } from '../readers/thread-reader.ts'
import { OpenFiles } from '../writer/open-files.ts'
import { loadFirst } from './loaded.ts'
import type { FromReaderThread, ReaderThreadData, ToReaderThread } from './messages.ts'
import { ProfileReporter } from './profile-reporter.ts'
import { yieldCpu } from './yield-cpu.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of Lockkeeper only')
loadFirst(port)
const data = workerData as ReaderThreadData
const post = (message: FromReaderThread, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

try {
  if (data.yieldsCpu) yieldCpu()
  const procedures = await loadProcedures(data.procedures)
  const connection = betterSqlite3.openReader(data.file, {
    setup: await loadSetup(data.connection),
    signals: await findSignals(data.signals),
  })
  // Had it been replaced while this thread started, its answers would be of another database.
  new OpenFiles(data.file, data.opened).assertSameFile()
  const profile = new ProfileReporter(connection.signals, post)
  const parts = { connection, procedures, gate: new WorkGate(data.gate) }
  const reader = new ThreadReader(parts, post)
  port.on('message', (message: ToReaderThread) => {
    if (message.type === 'leave') {
      profile.stop()
      reader.close()
      connection.close()
      port.close()
      return
    }
    reader.take(message)
    profile.note()
  })
  post({ type: 'ready', signals: connection.signalsState })
} catch (thrown) {
  post({ type: 'refused', error: errorToWire(errorFromThrown(thrown, { stage: 'open' })) })
  port.close()
}
