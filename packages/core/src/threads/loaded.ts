import type { MessagePort } from 'node:worker_threads'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { loadedMessage } from './messages.ts'

/** Loads SQLite’s binding before anything else, and says so: from now on the thread may be ended at any moment. */
export function loadFirst(port: MessagePort): void {
  try {
    betterSqlite3.load()
  } catch {
    // Opening meets the same, and tells it with its type.
  }
  port.postMessage(loadedMessage)
}
