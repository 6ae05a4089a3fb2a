import { parentPort, workerData } from 'node:worker_threads'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { errorToWire } from '../errors/wire.ts'
import { OpenFiles } from '../writer/open-files.ts'
import { loadFirst } from './loaded.ts'
import type { CheckpointerThreadData, FromCheckpointerThread, ToCheckpointerThread } from './messages.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of Lockkeeper only')
loadFirst(port)
const data = workerData as CheckpointerThreadData
const post = (message: FromCheckpointerThread): void => port.postMessage(message)

try {
  new OpenFiles(data.file, data.opened).assertSameFile()
  const checkpointer = betterSqlite3.openCheckpointer(data.file)
  port.on('message', (message: ToCheckpointerThread) => {
    if (message.type === 'leave') {
      checkpointer.close()
      port.close()
    } else post({ type: 'copied', result: checkpointer.copy() })
  })
  post({ type: 'ready' })
} catch (thrown) {
  post({ type: 'refused', error: errorToWire(errorFromThrown(thrown, { stage: 'open' })) })
  port.close()
}
