import { constants, type Dirent } from 'node:fs'
import { access, lstat, readdir, realpath } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { contentLimits } from '../limits.ts'

/** A file to import. */
export interface FoundFile {
  /** Where it lies on this machine. */
  readonly file: string
  /** What it is called in the store: relative to the imported folder, with slashes. */
  readonly path: string
}

/** An import as asked for, found to exist: a folder or one file. */
export interface ImportRoot {
  readonly folder: string | undefined
  readonly file: string | undefined
}

/** Version control's own files are copies of the rest, packed. */
const foldersLeftOut = new Set(['.git'])

/**
 * Looks at what is to be imported, without reading it.
 * @param dataFolder must not be imported: reading the live database's file would drop SQLite's locks on it.
 * @throws StartRefusedError if the path does not exist, cannot be read, or is neither a folder nor a file.
 */
export async function findImportRoot(path: string, dataFolder?: string): Promise<ImportRoot> {
  let real: string
  try {
    real = await realpath(path)
  } catch {
    throw new StartRefusedError(`--import: ${JSON.stringify(path)} does not exist or cannot be read`)
  }
  if (dataFolder !== undefined && (await isWithin(dataFolder, real))) {
    throw new StartRefusedError(`--import: ${JSON.stringify(path)} is the node's own data`)
  }
  const found = await lstat(real)
  if (found.isDirectory()) {
    await assertReadable(path, () => readdir(real))
    return { folder: real, file: undefined }
  }
  if (found.isFile()) {
    await assertReadable(path, () => access(real, constants.R_OK))
    return { folder: undefined, file: real }
  }
  throw new StartRefusedError(`--import: ${JSON.stringify(path)} is neither a folder nor a file`)
}

/**
 * Finds the files under a root, in a stable order. Symbolic links are not followed: they could lead in circles, or out of
 * the folder.
 * @param dataFolder left out wherever it lies.
 * @param onSkipped hears of what could not be looked into.
 */
export async function* findFiles(
  root: ImportRoot,
  dataFolder: string,
  onSkipped: (path: string, reason: string) => void,
): AsyncGenerator<FoundFile> {
  if (root.file !== undefined) {
    yield { file: root.file, path: basename(root.file) }
    return
  }
  const top = root.folder ?? ''
  const data = await realpath(dataFolder).catch(() => resolve(dataFolder))
  yield* filesUnder(top, 0)

  async function* filesUnder(folder: string, depth: number): AsyncGenerator<FoundFile> {
    if (folder === data) return
    if (depth > contentLimits.depthMax) {
      onSkipped(folder, 'nested too deep')
      return
    }
    for (const entry of await entriesOf(folder, onSkipped)) {
      const file = join(folder, entry.name)
      if (entry.isFile()) yield { file, path: relative(top, file).split(sep).join('/') }
      else if (entry.isDirectory() && !foldersLeftOut.has(entry.name)) yield* filesUnder(file, depth + 1)
    }
  }
}

async function entriesOf(
  folder: string,
  onSkipped: (path: string, reason: string) => void,
): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    onSkipped(folder, (error as Error).message)
    return []
  }
}

async function isWithin(folder: string, path: string): Promise<boolean> {
  const real = await realpath(folder).catch(() => resolve(folder))
  return path === real || path.startsWith(real + sep)
}

async function assertReadable(path: string, look: () => Promise<unknown>): Promise<void> {
  try {
    await look()
  } catch (error) {
    throw new StartRefusedError(`--import: cannot read ${JSON.stringify(path)}: ${(error as Error).message}`)
  }
}
