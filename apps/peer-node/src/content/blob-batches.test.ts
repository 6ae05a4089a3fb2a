import { type VerifiedBlob, verifyBlob } from '@lockkeeper/peer-store'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentLimits } from '../limits.ts'
import { mediaOf } from '../testing/blobs.ts'
import { BlobBatches } from './blob-batches.ts'

const small = verifyBlob(mediaOf(0, 10))
const sized = Array.from({ length: 2_001 }, (_, kilobytes) =>
  kilobytes % 200 === 0 ? verifyBlob(mediaOf(kilobytes, kilobytes * 1_024)) : small,
)

function bytesOf(blobs: readonly VerifiedBlob[]): number {
  return blobs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

test('hands over every blob once, in order, in batches within bounds', async () => {
  const kilobytes = fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 80 })
  await fc.assert(
    fc.asyncProperty(kilobytes, async (sizes) => {
      const blobs = sizes.map((size) => sized[size] ?? small)
      const batches: VerifiedBlob[][] = []
      const gathering = new BlobBatches(async (batch) => {
        expect(batch.length).toBeLessThanOrEqual(contentLimits.batchItems)
        expect(bytesOf(batch.slice(0, -1))).toBeLessThan(contentLimits.batchBytes)
        batches.push([...batch])
      })
      for (const blob of blobs) await gathering.add(blob)
      await gathering.flush()
      expect(batches.flat()).toEqual(blobs)
      expect(batches).not.toContainEqual([])
    }),
    { numRuns: 30 },
  )
})

test('whoever adds waits while a full batch is being stored, and hears of its failure', async () => {
  const storing = Promise.withResolvers<void>()
  const gathering = new BlobBatches(() => storing.promise)
  for (let n = 0; n < contentLimits.batchItems - 1; n++) await gathering.add(small)
  let added = false
  const adding = gathering.add(small).finally(() => {
    added = true
  })
  await new Promise(setImmediate)
  expect(added).toBe(false)
  storing.reject(new Error('disk full'))
  await expect(adding).rejects.toThrow('disk full')
})
