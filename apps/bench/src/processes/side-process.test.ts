import { describe, expect, it } from 'vitest'
import { SideProcess } from './side-process.ts'

const version = new URL('../machine/sqlite-version-process.ts', import.meta.url)
const trial = new URL('../trials/trial-process.ts', import.meta.url)

describe('a process beside', () => {
  it('is heard to the end, and one that ends without saying more is an error, not a wait', async () => {
    await using child = new SideProcess(version)
    expect(await child.next()).toMatch(/^3\.\d+\.\d+$/)
    await expect(child.next()).rejects.toThrow('said no more and ended (exit code 0)')
    await child.ended()
  })

  it('that fails says so by its exit code', async () => {
    await using child = new SideProcess(trial, { suite: 'none', case: 'none', subject: 'none' })
    expect(await child.next()).toMatchObject({ failure: expect.stringContaining('There is no trial') })
    await expect(child.next()).rejects.toThrow('exit code 1')
  })

  it('is killed at the end of its scope, whatever it does', async () => {
    const child = new SideProcess(version)
    await child[Symbol.asyncDispose]()
    await expect(child.next()).rejects.toThrow('SIGKILL')
  })
})
