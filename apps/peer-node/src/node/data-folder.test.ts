import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
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

test('a place that cannot be written is refused, and leaves nothing behind', async () => {
  const file = join(folder, 'file')
  await writeFile(file, 'text')
  await expect(openDataFolder(file)).rejects.toThrow(StartRefusedError)
  await expect(openDataFolder(join(file, 'below'))).rejects.toThrow(/cannot write/)
  await expect(openDataFolder('/proc/nowhere')).rejects.toThrow(/cannot write/)
  expect(await readdir(folder)).toEqual(['file'])
})
