import { type FileHandle, open, stat, unlink } from 'node:fs/promises'
import { tryLock } from 'fs-native-extensions'
import { StartRefusedError } from '../cli/start-refused-error.ts'

/** A locked folder. The lock is the operating system's: it ends with the process, however that ends. */
export interface FolderLock {
  /** Lets go; the file stays, and means nothing. */
  release(): Promise<void>
  /** Lets go, and takes the file away if this lock made it. */
  undo(): Promise<void>
}

/** A start that is undone unlinks the file between our open and our lock; that happens once, not for ever. */
const attemptsMax = 10

/**
 * Locks a folder against other nodes, by a lock on a file in it.
 * @throws StartRefusedError if another node holds it.
 */
export async function lockFolder(file: string): Promise<FolderLock> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const { handle, isNew } = await openLockFile(file)
    if (!tryLock(handle.fd)) {
      await handle.close()
      break
    }
    if (await isStillThere(handle, file)) {
      return {
        release: () => handle.close(),
        async undo() {
          // Before the lock ends: afterwards it could be another node's.
          if (isNew) await unlink(file).catch(() => undefined) // Windows does not unlink an open file; it may stay
          await handle.close()
        },
      }
    }
    await handle.close()
  }
  throw new StartRefusedError('another peer-node is running on this data folder')
}

async function openLockFile(file: string): Promise<{ handle: FileHandle; isNew: boolean }> {
  try {
    return { handle: await open(file, 'ax', 0o600), isNew: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return { handle: await open(file, 'a', 0o600), isNew: false }
  }
}

/** A lock on a file that has been unlinked locks nothing: whoever comes next makes a new file. */
async function isStillThere(handle: FileHandle, file: string): Promise<boolean> {
  const held = await handle.stat()
  const there = await stat(file).catch(() => undefined)
  return there !== undefined && there.ino === held.ino && there.dev === held.dev
}
