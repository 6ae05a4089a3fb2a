import { fsyncSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fsyncBytes, fsyncTries } from '../limits.ts'
import { spreadOf } from '../statistics/statistics.ts'

/** How long one appended page takes to reach the disk, in milliseconds, at the median. */
export async function measureFsyncMs(folder: string): Promise<number> {
  const file = await open(join(folder, 'fsync'), 'w')
  const page = Buffer.alloc(fsyncBytes, 1)
  try {
    const times = Array.from({ length: fsyncTries.warmUp + fsyncTries.measured }, () => {
      const startedAt = performance.now()
      writeSync(file.fd, page)
      fsyncSync(file.fd)
      return performance.now() - startedAt
    })
    return spreadOf(times.slice(fsyncTries.warmUp)).median
  } finally {
    await file.close()
  }
}
