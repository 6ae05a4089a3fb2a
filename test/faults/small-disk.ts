import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own, of so many bytes, in a folder. It is gone with its scope. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Whether it can be written. */
  setReadOnly(readOnly: boolean): boolean
}

/** Mounts one. @returns why it can't be had on this machine, if so: it takes a superuser's rights, on Linux. */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk | string {
  if (process.platform !== 'linux') return `it needs tmpfs, which ${process.platform} does not have`
  const path = join(folder, 'disk')
  mkdirSync(path, { recursive: true })
  const mounted = run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'lockkeeper-test', path])
  if (mounted !== undefined) return `a file system cannot be mounted here (${mounted})`
  return {
    path,
    setReadOnly: (readOnly) =>
      run('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'},size=${bytes}`, path]) === undefined,
    [Symbol.asyncDispose]: async () => {
      run('umount', ['-l', path])
    },
  }
}

/** @returns what it complained of, if it failed. */
function run(command: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) return error.message
  return status === 0 ? undefined : stderr.trim()
}

/** Why no small disk can be mounted on this machine, if so; tried once. */
export function whyNoSmallDisk(folder: string): string | undefined {
  const disk = mountSmallDisk(folder, 65_536)
  if (typeof disk === 'string') return disk
  void disk[Symbol.asyncDispose]()
  return undefined
}
