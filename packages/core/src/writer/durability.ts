import type { Connection } from '../engine/port.ts'

/** How much an acknowledged write survives: the death of the process (kill -9), or the loss of power. */
export type Durability = 'process' | 'power'

/**
 * Sets how the next commits are synced. `PRAGMA synchronous` acts when it is prepared, not when it is stepped, and does
 * nothing inside a transaction: so it is compiled anew each time, before BEGIN, and only when the level changes.
 */
export class SyncLevel {
  readonly #connection: Connection
  #current: Durability | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  set(wanted: Durability): void {
    if (wanted === this.#current) return
    this.#connection.script(`pragma synchronous = ${wanted === 'power' ? 'full' : 'normal'}`)
    // On macOS fsync alone does not reach the platter; elsewhere the pragma does nothing.
    this.#connection.script(`pragma fullfsync = ${wanted === 'power' ? 'on' : 'off'}`)
    this.#current = wanted
  }
}
