import { open, rename, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname } from 'node:path'

/**
 * Files of a copy that has not got its name yet: no connection but the backup's own has them open, so that what `fs` does to
 * SQLite's locks hurts nobody. The only file of core's that opens files without SQLite.
 */
export interface CopyFile {
  /** Resolves when everything written so far is on the disk; other threads do the waiting. */
  sync(): Promise<void>
  close(): Promise<void>
}

export async function openCopy(file: string): Promise<CopyFile> {
  const handle = await open(file, 'r+')
  return { sync: () => handle.sync(), close: () => handle.close() }
}

/** Gives a synced copy its name, in one go, and makes that last. */
export async function nameCopy(copy: string, target: string): Promise<void> {
  const file = await openCopy(copy)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(copy, target)
  // Windows has no handle on a folder, and keeps its own journal of names.
  if (platform() === 'win32') return
  const folder = await open(dirname(target), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What SQLite puts beside a file while it works on it. */
export const companions = ['-journal', '-wal', '-shm'] as const

export async function removeCopy(copy: string): Promise<void> {
  for (const end of ['', ...companions]) await rm(copy + end, { force: true })
}
