import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { figuresOf } from '../../testing/trials-of.ts'
import { index } from './suite.ts'

// Each trial is a process, of a pool one with twelve threads: a busy machine takes its time to start them.
describe('the suite of the index', { timeout: 120_000 }, () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it.each([['lockkeeper', 'better-sqlite3'], ['split pool']])(
    'stores and indexes the same blobs twice: %s %s',
    async (...subjects) => {
      const figures = await figuresOf({ suite: index, inCase: 'store', subjects, folder })
      for (const subject of subjects) {
        expect(figures[`${subject}, throughput`]).toBeGreaterThan(1)
        expect(figures[`${subject}, per_blob`]).toBeGreaterThan(0)
        expect(figures[`${subject}, known`]).toBeGreaterThan(1)
      }
    },
  )

  it('lets users write while blobs are indexed, and while all are indexed anew', async () => {
    const figures = await figuresOf({ suite: index, inCase: 'users', subjects: ['lockkeeper'], folder })
    expect(figures['lockkeeper, user_p99']).toBeGreaterThan(0)
    expect(figures['lockkeeper, reindexed']).toBeGreaterThan(50)
    expect(figures['lockkeeper, reindex_user_p99']).toBeGreaterThan(0)
  })

  it('lets users write beside a rival', async () => {
    const figures = await figuresOf({ suite: index, inCase: 'users', subjects: ['shared pool'], folder })
    expect(figures['shared pool, user_p99']).toBeGreaterThan(0)
    expect(figures['shared pool, user_max']).toBeGreaterThanOrEqual(figures['shared pool, user_p50'] ?? 0)
  })
})
