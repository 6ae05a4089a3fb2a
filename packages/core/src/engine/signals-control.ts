import Database from 'better-sqlite3'

/**
 * A thread's way to signal to connections of other threads: a connection of its own, to nothing, with the extension on it.
 * What it runs is a look into a table in memory; it never waits for a statement.
 */
export interface SignalsControl {
  /** Ends what the connection runs at this moment. False if there is no such connection any more. */
  interrupt(connection: number): boolean
  /** Ends the connection's wait for a lock. */
  wake(connection: number): boolean
}

const controls = new Map<string, Promise<SignalsControl>>()

/** One for the process, whatever number of databases it has open. It holds no file, and goes with the process. */
export function signalsControlAt(path: string): Promise<SignalsControl> {
  let control = controls.get(path)
  if (control === undefined) {
    control = openControl(path)
    controls.set(path, control)
  }
  return control
}

async function openControl(path: string): Promise<SignalsControl> {
  const { Signals } = await import('@lockkeeper/signals')
  return Signals.load(new Database(':memory:'), path)
}
