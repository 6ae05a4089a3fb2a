import { availableParallelism } from 'node:os'
import { SideProcess } from '../processes/side-process.ts'
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
  await using child = new SideProcess(new URL('./sqlite-version-process.ts', import.meta.url))
  return String(await child.next())
}
