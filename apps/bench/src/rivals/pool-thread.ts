import { parentPort, workerData } from 'node:worker_threads'
import { assertSettings } from '../subjects/table.ts'
import { readValue, reopenRaw } from './raw-connection.ts'
import type { ToPoolThread } from './worker-pool.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of the bench only')
const database = reopenRaw(workerData as string, 'process')
await assertSettings((sql) => readValue(database, sql))
/** Better than the documentation, which prepares anew for each query: the rival is at its best. */
const statements = new Map<string, ReturnType<typeof database.prepare<unknown[]>>>()

port.on('message', (message: ToPoolThread) => {
  if (message === 'leave') {
    database.close()
    port.close()
    return
  }
  const { sql, parameters } = message
  let statement = statements.get(sql)
  if (statement === undefined) {
    statement = database.prepare<unknown[]>(sql)
    statements.set(sql, statement)
  }
  port.postMessage(statement.all(...parameters))
})
port.postMessage('ready')
