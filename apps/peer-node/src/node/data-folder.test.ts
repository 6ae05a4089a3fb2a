import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { openDataFolder } from './data-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-folder-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('one node at a time has the folder', async () => {
  const path = join(folder, 'data')
  const first = await openDataFolder(path)
  await expect(openDataFolder(path)).rejects.toThrow(/another peer-node/)
  await first.release()
  const second = await openDataFolder(path)
  await second.release()
  expect(await readdir(path)).toEqual(['node.lock'])
})

test('the lock of a killed node is no lock any more', async () => {
  const module = new URL('./data-folder.ts', import.meta.url)
  const script = `
    const { openDataFolder } = await import(${JSON.stringify(module.href)})
    await openDataFolder(${JSON.stringify(folder)})
    console.log('locked')
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data')
    await expect(openDataFolder(folder)).rejects.toThrow(/another peer-node/)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const next = await openDataFolder(folder)
  await next.undo()
  expect(await readdir(folder)).toEqual(['node.lock'])
})

test('undoing a start takes away what it made, and nothing else', async () => {
  const made = await openDataFolder(join(folder, 'a/b/c'))
  await made.undo()
  expect(await readdir(folder)).toEqual([])
  await writeFile(join(folder, 'kept'), '')
  const { mtimeMs } = await stat(folder)
  const found = await openDataFolder(folder)
  await found.undo()
  expect(await readdir(folder)).toEqual(['kept'])
  expect((await stat(folder)).mtimeMs).toBeCloseTo(mtimeMs, 1)
})

test('undoing takes away a database that was not there, with its neighbours, and leaves one that was', async () => {
  const made = await openDataFolder(join(folder, 'new'))
  for (const suffix of ['', '-wal', '-shm']) await writeFile(`${made.databaseFile}${suffix}`, 'half')
  await made.undo()
  expect(await readdir(folder)).toEqual([])
  await writeFile(join(folder, 'node.db'), 'whole')
  const found = await openDataFolder(folder)
  await writeFile(`${found.databaseFile}-wal`, 'half')
  await found.undo()
  expect(await readdir(folder)).toEqual(['node.db'])
})

const unusable: Record<string, (file: string) => unknown> = {
  'a folder': (file) => mkdir(file),
  'a link to nothing': (file) => symlink('nothing', file),
  'a pipe': (file) => execFileSync('mkfifo', [file]),
}
test.each(
  ['node.db', 'node.db-wal', 'identity.key', 'node.lock'].flatMap((name) =>
    Object.keys(unusable).map((what) => [name, what] as const),
  ),
)('%s that is %s is refused before anything opens it', async (name, what) => {
  await unusable[what]?.(join(folder, name))
  await expect(openDataFolder(folder)).rejects.toThrow(StartRefusedError)
  await expect(openDataFolder(folder)).rejects.toThrow(/is not a file/)
  expect(await readdir(folder)).toEqual([name])
})

test.skipIf(process.getuid?.() === 0)('a database that may not be written is refused', async () => {
  await writeFile(join(folder, 'node.db'), '')
  await chmod(join(folder, 'node.db'), 0o444)
  await expect(openDataFolder(folder)).rejects.toThrow(/EACCES/)
  expect(await readdir(folder)).toEqual(['node.db'])
})

test('a refusal is one line, whatever the folder is called', async () => {
  await expect(openDataFolder('/proc/two\nlines')).rejects.toThrow(/^[^\n]*two lines[^\n]*$/)
})

test('a place that cannot be written is refused, and leaves nothing behind', async () => {
  const file = join(folder, 'file')
  await writeFile(file, 'text')
  await expect(openDataFolder(file)).rejects.toThrow(StartRefusedError)
  await expect(openDataFolder(join(file, 'below'))).rejects.toThrow(/cannot write/)
  await expect(openDataFolder('/proc/nowhere')).rejects.toThrow(/cannot write/)
  expect(await readdir(folder)).toEqual(['file'])
})
