import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { fileSystemOf } from './file-system.ts'
import { measureFsyncMs } from './fsync.ts'

/** Where the figures come from: without it they say nothing. */
export interface Machine {
  readonly node: string
  readonly sqlite: string
  readonly cpus: number
  readonly fileSystem: string
  /** One page, written and synced, at the median. */
  readonly fsyncMs: number
}

export async function describeMachine(dataFolder: string): Promise<Machine> {
  return {
    node: process.versions.node,
    sqlite: await sqliteVersion(),
    cpus: availableParallelism(),
    fileSystem: await fileSystemOf(dataFolder),
    fsyncMs: await measureFsyncMs(dataFolder),
  }
}

/** Asked in a process of its own, like everything that loads SQLite. */
async function sqliteVersion(): Promise<string> {
  const entry = fileURLToPath(new URL('./sqlite-version-process.ts', import.meta.url))
  const child = fork(entry, [], { execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
  let version: unknown
  child.on('message', (message) => {
    version = message
  })
  const [code] = await once(child, 'exit')
  if (typeof version !== 'string') throw new Error(`SQLite’s version could not be read (exit code ${code})`)
  return version
}
