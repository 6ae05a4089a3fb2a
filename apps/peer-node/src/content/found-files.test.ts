import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { findFiles, findImportRoot } from './found-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-found-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), path)
  }
}

async function pathsFound(path: string, dataFolder = join(folder, 'elsewhere')): Promise<string[]> {
  const root = await findImportRoot(path, dataFolder)
  const found: string[] = []
  for await (const file of findFiles(root, dataFolder, () => undefined)) found.push(file.path)
  return found
}

test('finds files in a stable order, named from the folder with slashes', async () => {
  await put('b.md', 'a/z.md', 'a/deep/er.txt', '.hidden', '.git/config')
  expect(await pathsFound(folder)).toEqual(['.hidden', 'a/deep/er.txt', 'a/z.md', 'b.md'])
})

test('a single file is named by itself', async () => {
  await put('a/z.md')
  expect(await pathsFound(join(folder, 'a/z.md'))).toEqual(['z.md'])
})

test('symbolic links are not followed: a circle ends, and nothing outside comes in', async () => {
  await put('in/a.md', 'out/secret.md')
  await symlink(join(folder, 'in'), join(folder, 'in/circle'))
  await symlink(join(folder, 'out'), join(folder, 'in/outside'))
  await symlink(join(folder, 'out/secret.md'), join(folder, 'in/secret.md'))
  expect(await pathsFound(join(folder, 'in'))).toEqual(['a.md'])
})

test('a link may be named itself', async () => {
  await put('in/a.md')
  await symlink(join(folder, 'in'), join(folder, 'link'))
  expect(await pathsFound(join(folder, 'link'))).toEqual(['a.md'])
})

test("the node's own data is left out, since reading the live database would drop its locks", async () => {
  await put('in/a.md', 'in/data/node.db')
  expect(await pathsFound(join(folder, 'in'), join(folder, 'in/data'))).toEqual(['a.md'])
  await expect(findImportRoot(join(folder, 'in/data/node.db'), join(folder, 'in/data'))).rejects.toThrow(
    StartRefusedError,
  )
  await expect(findImportRoot(join(folder, 'in/data'), join(folder, 'in/data'))).rejects.toThrow(/own data/)
})

test.each(['missing', '/dev/null'])('%s cannot be imported', async (path) => {
  await expect(findImportRoot(path, folder)).rejects.toThrow(StartRefusedError)
})
