import { parentPort, workerData } from 'node:worker_threads'
import { openConnection } from './raw-connection.ts'
import type { WorkModule } from './store.ts'
import type { FromStoreThread, StoreThreadData, ToStoreThread } from './store-connection.ts'

const port = parentPort
if (port === null) throw new Error('This module runs as a thread of the bench only')
const { folder, settings, module } = workerData as StoreThreadData
const database = openConnection(folder, settings)
const store = settings.readonly ? undefined : (await loadWork()).prepare(database)
const storeAll = database.transaction((kind: 'peer' | 'blob', items: readonly unknown[]) => {
  if (kind === 'blob' && store?.blobs !== undefined) store.blobs(items)
  else for (const item of items) store?.[kind](item)
})
const writeOne = database.transaction((sql: string, parameters: readonly unknown[]) => {
  statementFor(sql).run(...parameters)
})
const statements = new Map<string, ReturnType<typeof database.prepare<unknown[]>>>()

port.on('message', (message: ToStoreThread | 'leave') => {
  if (message === 'leave') {
    database.close()
    port.close()
    return
  }
  port.postMessage(answer(message))
})
port.postMessage('ready')

/** Those who only read do without it, and without the time that it takes to load. */
async function loadWork(): Promise<WorkModule<unknown, unknown>> {
  const { work } = (await import(module)) as { readonly work: WorkModule<unknown, unknown> }
  return work
}

function answer(message: ToStoreThread): FromStoreThread {
  try {
    return { rows: run(message) }
  } catch (error) {
    const { message: text, code } = error as Error & { code?: string }
    return { failure: text, code }
  }
}

function run(message: ToStoreThread): unknown[] {
  switch (message.kind) {
    case 'read':
      return statementFor(message.sql).all(...message.parameters)
    case 'write':
      writeOne.immediate(message.sql, message.parameters)
      return []
    case 'checkpoint':
      return database.pragma(`wal_checkpoint(${message.mode})`) as unknown[]
    default:
      storeAll.immediate(message.kind, message.items)
      return []
  }
}

function statementFor(sql: string): ReturnType<typeof database.prepare<unknown[]>> {
  const known = statements.get(sql)
  if (known !== undefined) return known
  const statement = database.prepare<unknown[]>(sql)
  statements.set(sql, statement)
  return statement
}
