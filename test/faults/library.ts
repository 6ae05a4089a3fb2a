import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('./native/faults.c', import.meta.url))

/** Compiles the library that makes system calls fail. @returns why it can't be had on this machine, if so. */
export function compileFaults(output: string): string | undefined {
  if (process.platform !== 'linux') return `it needs LD_PRELOAD as on Linux, not ${process.platform}`
  const compiler = process.env.CC?.trim() || 'cc'
  const [command = 'cc', ...args] = compiler.split(/\s+/)
  const flags = '-std=c11 -O2 -fPIC -shared -Wall -Wextra -Werror'.split(' ')
  const { error, status, stderr } = spawnSync(command, [...args, ...flags, '-o', output, source, '-ldl'], {
    encoding: 'utf8',
  })
  if (error !== undefined) return `there is no C compiler (${error.message})`
  if (status !== 0) throw new Error(`${compiler} failed:\n${stderr}`)
  return undefined
}
