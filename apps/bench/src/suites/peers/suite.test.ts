import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { figuresOf } from '../../testing/trials-of.ts'
import { peers } from './suite.ts'

// Each trial is a process, of a pool one with twelve threads: a busy machine takes its time to start them.
describe('the suite of the connect storm', { timeout: 120_000 }, () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const storm = (subject: string, inCase: string = 'storm'): Promise<Record<string, number>> =>
    figuresOf({ suite: peers, inCase, subjects: [subject], folder })

  it('reports connects to the store, reads beside them, and looks for each changed address', async () => {
    const figures = await storm('lockkeeper')
    expect(figures['lockkeeper, connects']).toBeGreaterThan(100)
    expect(figures['lockkeeper, connect_p99']).toBeGreaterThan(0)
    expect(figures['lockkeeper, connects_unanswered']).toBe(0)
    expect(figures['lockkeeper, connects_dropped']).toBe(0)
    expect(figures['lockkeeper, changes']).toBeGreaterThan(0)
    expect(figures['lockkeeper, rows_written']).toBeGreaterThan(0)
    expect(figures['lockkeeper, alone_p99']).toBeGreaterThan(0)
    expect(figures['lockkeeper, read_p99']).toBeGreaterThan(0)
  })

  it.each(['shared pool', 'better-sqlite3'])('lets the same storm loose on: %s', async (subject) => {
    const figures = await storm(subject)
    expect(figures[`${subject}, connects`]).toBeGreaterThan(100)
    expect(figures[`${subject}, connects_failed`]).toBe(0)
    expect(figures[`${subject}, rows_written`]).toBeGreaterThan(0)
    expect(figures[`${subject}, read_p99`]).toBeGreaterThan(0)
  })

  it.each(['lockkeeper', 'shared pool', 'split pool'])(
    'lets the storm loose while blobs are stored on: %s',
    async (subject) => {
      const figures = await storm(subject, 'storm_sync')
      expect(figures[`${subject}, connects`]).toBeGreaterThan(100)
      expect(figures[`${subject}, connects_failed`]).toBe(0)
      expect(figures[`${subject}, alone_p99`]).toBeGreaterThan(0)
      expect(figures[`${subject}, read_p99`]).toBeGreaterThan(0)
      expect(figures[`${subject}, sync_blobs`]).toBeDefined()
    },
  )
})
