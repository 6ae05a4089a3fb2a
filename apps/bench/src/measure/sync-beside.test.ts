import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { CorpusBlob } from '../subjects/corpus.ts'
import { SyncBeside, type SyncHost } from './sync-beside.ts'

interface Call {
  readonly blobs: readonly CorpusBlob[]
  readonly store: () => void
  readonly refuse: (error: Error) => void
}

/** A corpus of ten blobs to warm up with and so many more. */
const corpus = (blobs: number) => ({
  batches: (warmUp: number, size: number) => {
    const batch = (count: number): CorpusBlob[] =>
      Array.from({ length: count }, () => ({ cid: '', bytes: new Uint8Array() }))
    const cut = (count: number) => Array.from({ length: count / size }, () => batch(size))
    return { warmUp: cut(warmUp), measured: cut(blobs) }
  },
})
const pace = { blobs: 10 }

/** Calls wait until they are let through. */
function gated(): { readonly host: SyncHost; readonly calls: Call[] } {
  const calls: Call[] = []
  const put: SyncHost['put'] = (blobs) =>
    new Promise<void>((resolve, refuse) => calls.push({ blobs, store: resolve, refuse }))
  return { host: { callers: 2, perCall: 5, put, indexed: async () => undefined }, calls }
}

describe('a sync beside something else', () => {
  it('has as many calls under way as callers, and counts what is stored', async () => {
    const { host, calls } = gated()
    const sync = new SyncBeside(host, corpus(100), pace)
    const warm = sync.warmUp()
    for (const call of calls) call.store()
    await warm
    sync.start()
    expect(calls).toHaveLength(2 + 2)
    calls[2]?.store()
    await nextTurn()
    expect(calls).toHaveLength(5)
    expect(sync.measured().sync_blobs?.value).toBeGreaterThan(0)
    const stopping = sync.stop()
    for (const call of calls) call.store()
    expect(await stopping).toEqual({ least: 10 + 15, most: 10 + 15 })
    expect(calls).toHaveLength(5)
  })

  it('does not know what has become of calls that are refused once it ends', async () => {
    const { host, calls } = gated()
    const sync = new SyncBeside(host, corpus(100), pace)
    sync.start()
    const stopping = sync.stop()
    calls[0]?.store()
    calls[1]?.refuse(new Error('closed'))
    expect(await stopping).toEqual({ least: 10 + 5, most: 10 + 10 })
  })

  it('tells who ends it that a call failed before', async () => {
    const { host, calls } = gated()
    const sync = new SyncBeside(host, corpus(100), pace)
    sync.start()
    calls[1]?.refuse(new Error('disk full'))
    await nextTurn()
    const stopping = sync.stop()
    calls[0]?.store()
    await expect(stopping).rejects.toThrow('disk full')
  })

  it('tells who ends it that the blobs have run out', async () => {
    const { host, calls } = gated()
    const sync = new SyncBeside(host, corpus(10), pace)
    sync.start()
    for (const call of calls) call.store()
    await nextTurn()
    await expect(sync.stop()).rejects.toThrow('run out')
  })
})
