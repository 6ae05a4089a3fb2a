// A thread with one connection, which does what the test's thread orders, one thing at a time.
import { parentPort, workerData } from 'node:worker_threads'
import { type LockWaits, locateSignals, Signals } from '@lockkeeper/signals'
import Database from 'better-sqlite3'

export interface ThreadInput {
  readonly file: string
  readonly waitMs: number
  /** Counts how often the SQL function `mark()` was called, in its first word. */
  readonly marks: SharedArrayBuffer
}

export type Order =
  | { readonly run: string }
  /** So many transactions, each with a note. */
  | { readonly write: { readonly body: string; readonly count: number } }
  | { readonly close: true }

/** Told first. */
export interface ThreadReady {
  readonly connection: number
}

/** After each order. */
export interface ThreadAnswer {
  /** SQLite's name of the error, if there was one. */
  readonly code: string | undefined
  readonly inTransaction: boolean
  readonly waits: LockWaits | undefined
}

const port = parentPort
if (port === null) throw new Error('This program runs as a thread of a test only')
const { file, waitMs, marks } = workerData as ThreadInput
const { path } = locateSignals()
if (path === undefined) throw new Error('there is no extension')

const connection = new Database(file)
const signals = Signals.load(connection, path)
signals.watch('writer')
signals.waitAtMost(waitMs)
const calls = new Int32Array(marks)
connection.function('mark', () => Atomics.add(calls, 0, 1))

function obey(order: Order): void {
  if ('run' in order) connection.exec(order.run)
  else if ('close' in order) connection.close()
  else {
    const insert = connection.prepare('insert into notes (body) values (?)')
    const write = connection.transaction((body: string) => insert.run(body))
    for (let n = 0; n < order.write.count; n++) write.immediate(order.write.body)
  }
}

port.postMessage({ connection: signals.connection } satisfies ThreadReady)
port.on('message', (order: Order) => {
  let code: string | undefined
  try {
    obey(order)
  } catch (thrown) {
    code = (thrown as { code?: string }).code ?? String(thrown)
  }
  const { inTransaction, open } = connection
  port.postMessage({
    code,
    inTransaction,
    waits: open ? signals.waits() : undefined,
  } satisfies ThreadAnswer)
})
