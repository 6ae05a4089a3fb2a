import { constants } from 'node:fs'
import { access, mkdir, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { isThereAndUsable } from './usable-file.ts'

/** Where a node keeps everything, held by this process alone. */
export interface DataFolder {
  readonly databaseFile: string
  readonly identityFile: string
  /** Lets go of the folder. */
  release(): Promise<void>
  /** Lets go of the folder, and leaves it as it was found: without what this start made, and with its time of change. */
  undo(): Promise<void>
}

/**
 * Makes the folder if need be, and locks it.
 * @throws StartRefusedError if it cannot be made or written, what lies in it cannot be used, or another node holds it.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder = resolve(path)
  const firstMade = await makeFolder(folder)
  const { atimeMs, mtimeMs } = await stat(folder)
  const lockFile = join(folder, 'node.lock')
  const databaseFile = join(folder, 'node.db')
  const identityFile = join(folder, 'identity.key')
  let lock: FolderLock | undefined
  let newFiles: readonly string[] = []
  const undo = async (): Promise<void> => {
    for (const file of newFiles) await rm(file, { force: true })
    await lock?.undo()
    if ((await stat(folder)).mtimeMs !== mtimeMs) await utimes(folder, atimeMs / 1000, mtimeMs / 1000)
    await removeMade(folder, firstMade)
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    await isThereAndUsable(lockFile, constants.W_OK)
    lock = await lockFolder(lockFile)
    await isThereAndUsable(identityFile, constants.F_OK)
    newFiles = await notThere(databaseFile)
  } catch (error) {
    await undo()
    if (error instanceof StartRefusedError) throw new StartRefusedError(`${folder}: ${error.message}`)
    throw cannotWrite(folder, error)
  }
  const held = lock
  return { databaseFile, identityFile, release: () => held.release(), undo }
}

/** Of the files that SQLite keeps a database in, those that are not there yet. */
async function notThere(databaseFile: string): Promise<string[]> {
  const missing: string[] = []
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    const file = `${databaseFile}${suffix}`
    if (!(await isThereAndUsable(file, constants.R_OK | constants.W_OK))) missing.push(file)
  }
  return missing
}

async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory()) return undefined
    if (found !== undefined) throw new Error('it is not a folder')
  } catch (error) {
    throw cannotWrite(folder, error)
  }
  const missing = await missingFolders(folder)
  const made: string[] = []
  try {
    for (const path of missing) {
      await mkdir(path, { mode: 0o700 })
      made.push(path)
    }
  } catch (error) {
    await removeMade(made.at(-1) ?? folder, made[0])
    throw cannotWrite(folder, error)
  }
  return made[0]
}

/**
 * The folders to make, the outermost first. One by one, since Node's recursive mkdir never returns where the system answers
 * ENOENT below a folder that exists, as in `/proc`.
 */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = []
  for (let path = folder; !(await exists(path)); path = dirname(path)) missing.unshift(path)
  return missing
}

async function exists(path: string): Promise<boolean> {
  return dirname(path) === path || (await stat(path).catch(() => undefined)) !== undefined
}

/** Removes the folders from `folder` up to `firstMade`, as long as they are empty. */
async function removeMade(folder: string, firstMade: string | undefined): Promise<void> {
  if (firstMade === undefined) return
  const last = resolve(firstMade)
  for (let path = folder; ; path = dirname(path)) {
    const removed = await rmdir(path).then(
      () => true,
      () => false,
    )
    if (!removed || path === last) return
  }
}

function cannotWrite(folder: string, error: unknown): StartRefusedError {
  return new StartRefusedError(`cannot write to the data folder ${folder}: ${(error as Error).message}`)
}
