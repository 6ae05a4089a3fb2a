import { parentPort, workerData } from 'node:worker_threads'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { errorToWire } from '../errors/wire.ts'
import { checkCopy } from '../maintenance/check-copy.ts'
import { loadSetup } from '../procedures/connection-setup.ts'
import { loadFirst } from './loaded.ts'
import type { CopyCheckThreadData, FromCopyCheckThread } from './messages.ts'
import { yieldCpu } from './yield-cpu.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of Lockkeeper only')
loadFirst(port)
const data = workerData as CopyCheckThreadData
const post = (message: FromCopyCheckThread): void => port.postMessage(message)

try {
  yieldCpu()
  post({ type: 'checked', check: checkCopy(betterSqlite3, data.file, await loadSetup(data.connection)) })
} catch (thrown) {
  post({ type: 'refused', error: errorToWire(errorFromThrown(thrown, { stage: 'execute' })) })
}
port.close()
