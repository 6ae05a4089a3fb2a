import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const file = fileURLToPath(new URL('./cli.ts', import.meta.url))
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file, ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

const oneLine = /^[^\n]+\n$/

it.each([
  [[]],
  [['make']],
  [['build', 'more']],
  [['build', '--fast']],
  [['build', '--flag']],
  [['build', '--flag', '-g']],
])('%j is bad usage, said in one line', async (args) => {
  const { code, stdout, stderr } = await command(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(oneLine)
  expect(stderr).toContain('usage: lockkeeper-signals build')
})

it('a machine that cannot build is told from a build that fails', async () => {
  const { code, stdout, stderr } = await command(['build'], { CC: '/nonexistent' })
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(oneLine)
  expect(stderr).toContain('CC names /nonexistent')
})
