import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Everything below a folder, down to the byte: names, kinds, rights, times of change and contents. */
export async function folderDigest(folder: string): Promise<string[]> {
  const lines: string[] = []
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = join(folder, name)
    const found = await lstat(file)
    const content = found.isFile()
      ? createHash('sha256')
          .update(await readFile(file))
          .digest('hex')
      : 'folder'
    // A folder's time can be put back only to within a microsecond.
    const changedAt = found.isFile() ? found.mtimeMs : Math.round(found.mtimeMs)
    lines.push(`${name} ${found.mode.toString(8)} ${changedAt} ${content}`)
  }
  return lines
}
