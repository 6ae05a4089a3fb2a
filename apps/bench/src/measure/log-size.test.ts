import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LogSize } from './log-size.ts'

describe('the size of a log', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is told at its peak and at its end, also where there is none yet', () => {
    const file = join(folder, 'bench.db')
    const size = new LogSize(file)
    expect(size.look()).toBe(0)
    writeFileSync(`${file}-wal`, Buffer.alloc(3 * 1_048_576))
    expect(size.look()).toBe(3 * 1_048_576)
    truncateSync(`${file}-wal`, 1_048_576)
    expect(size.stop()).toEqual({
      log_peak: { value: 3, unit: 'MiB' },
      log_end: { value: 1, unit: 'MiB' },
    })
  })
})
