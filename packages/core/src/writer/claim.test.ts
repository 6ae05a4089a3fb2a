// Promise 1 and design section 9: one open per file and process, whatever the file is called, until its last thread has gone.

import { link, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { claimFile, type FileClaim } from './claim.ts'

let folder: TemporaryFolder
let claims: FileClaim[]

beforeEach(async () => {
  folder = await temporaryFolder()
  claims = []
})

afterEach(async () => {
  for (const claim of claims) claim.release()
  await folder[Symbol.asyncDispose]()
})

function claim(file: string): FileClaim {
  const made = claimFile(file)
  claims.push(made)
  return made
}

const taken = expect.objectContaining({
  code: 'already-open',
  stage: 'open',
  message: expect.stringContaining('share that database'),
})

describe('a claimed file', () => {
  it('cannot be claimed again under any of its names', async () => {
    const file = folder.file('a.db')
    await writeFile(file, '')
    await mkdir(folder.file('inner'))
    await symlink(file, folder.file('symbolic.db'))
    await link(file, folder.file('hard.db'))
    await symlink(folder.path, folder.file('inner/back'))
    claim(file)
    const names = [
      file,
      `${folder.path}/./inner/../a.db`,
      relative(process.cwd(), file),
      folder.file('symbolic.db'),
      folder.file('hard.db'),
      folder.file('inner/back/a.db'),
    ]
    for (const name of names) expect(() => claim(name), name).toThrow(taken)
  })

  it('that does not exist yet cannot be claimed again either, through a linked folder as little', async () => {
    await mkdir(folder.file('inner'))
    await symlink(folder.path, folder.file('inner/back'))
    claim(folder.file('a.db'))
    expect(() => claim(folder.file('a.db'))).toThrow(taken)
    expect(() => claim(folder.file('inner/back/a.db'))).toThrow(taken)
    expect(() => claim(folder.file('b.db'))).not.toThrow()
  })

  it('is known by what it is once it exists, though it has another name by then', async () => {
    const first = claim(folder.file('a.db'))
    await writeFile(folder.file('a.db'), '')
    first.confirm()
    await rename(folder.file('a.db'), folder.file('renamed.db'))
    expect(() => claim(folder.file('renamed.db'))).toThrow(taken)
  })

  it('is free when the last of its holders has let go', async () => {
    const first = claimFile(folder.file('a.db'))
    first.retain()
    first.release()
    expect(() => claim(folder.file('a.db'))).toThrow(taken)
    first.release()
    expect(() => claim(folder.file('a.db'))).not.toThrow()
  })

  it('is known to every copy of the package in the process', async () => {
    claim(folder.file('a.db'))
    vi.resetModules()
    const copy = await import('./claim.ts')
    expect(copy.claimFile).not.toBe(claimFile)
    expect(() => copy.claimFile(folder.file('a.db'))).toThrow(taken)
  })
})

describe('a refused claim', () => {
  it('leaves nothing claimed', async () => {
    await writeFile(folder.file('a.db'), '')
    await link(folder.file('a.db'), folder.file('hard.db'))
    const first = claimFile(folder.file('a.db'))
    expect(() => claimFile(folder.file('hard.db'))).toThrow(taken)
    first.release()
    expect(() => claim(folder.file('hard.db'))).not.toThrow()
  })

  it('of a file in a missing folder says to make the folder', () => {
    expect(() => claimFile(folder.file('missing/a.db'))).toThrow(
      expect.objectContaining({
        code: 'cannot-open',
        message: expect.stringMatching(/missing.*make it first/),
      }),
    )
  })
})
