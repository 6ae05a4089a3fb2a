import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

export interface DataFolder extends AsyncDisposable {
  readonly path: string
}

/**
 * A folder on the checkout's own file system: the system's folder for temporary files is often in memory, where a commit
 * costs nothing and every comparison of commits means nothing.
 */
export async function makeDataFolder(): Promise<DataFolder> {
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const path = await mkdtemp(join(cache, 'lockkeeper-bench-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
