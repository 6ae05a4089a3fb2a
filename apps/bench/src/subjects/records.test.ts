import { verifyBlob } from '@lockkeeper/peer-store'
import { describe, expect, it } from 'vitest'
import { corpus } from '../limits-peer-store.ts'
import { RecordMaker } from './records.ts'
import { fractions } from './xorshift.ts'

describe('records', () => {
  it('are the same each time, signed, of 0.3 to 4 KB, most of them versions of few documents', () => {
    const make = () => {
      const maker = new RecordMaker(fractions(corpus.seed), 300)
      return { blobs: Array.from({ length: 300 }, () => maker.next()), documents: maker.documents }
    }
    const { blobs, documents } = make()
    expect(make().blobs.map(({ cid }) => cid)).toEqual(blobs.map(({ cid }) => cid))
    expect(new Set(blobs.map(({ cid }) => cid)).size).toBe(300)
    const records = blobs.map(verifyBlob)
    const comments = records.filter(({ comment }) => comment !== undefined).length
    expect(comments).toBeGreaterThan(50)
    expect(comments).toBeLessThan(130)
    expect(documents).toBeGreaterThan(20)
    expect(documents).toBeLessThanOrEqual(30)
    for (const { bytes } of blobs) {
      expect(bytes.byteLength).toBeGreaterThan(corpus.recordBytesMin - 60)
      expect(bytes.byteLength).toBeLessThan(corpus.recordBytesMax + 500)
    }
    const mean = blobs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) / 300
    expect(mean).toBeGreaterThan(1_700)
    expect(mean).toBeLessThan(2_700)
  })
})
