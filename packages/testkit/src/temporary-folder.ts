import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** The path of a file in the folder. */
  file(name: string): string
}

/**
 * An empty folder of its own in the system's temporary folder, removed with all it holds when its scope ends.
 *
 * @example
 * await using folder = await temporaryFolder()
 * await using db = await openDatabase({ file: folder.file('a.db') })
 */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'lockkeeper-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
