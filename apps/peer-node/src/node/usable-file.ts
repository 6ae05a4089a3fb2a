import { access, lstat, stat } from 'node:fs/promises'

/**
 * Looks at a file of the data folder before anything opens it: opening a pipe waits for ever, a link to nothing has a file
 * made elsewhere, and SQLite leaves new neighbours beside a database it may not write.
 * @param mode as for `access`.
 * @returns whether it is there.
 * @throws what is wrong with it.
 */
export async function isThereAndUsable(file: string, mode: number): Promise<boolean> {
  if ((await lstat(file).catch(() => undefined)) === undefined) return false
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true) throw new Error(`${file} is not a file`)
  await access(file, mode)
  return true
}
