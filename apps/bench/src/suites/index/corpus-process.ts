import { openSync, writeFileSync, writeSync } from 'node:fs'
import { cidOf, codecs } from '@lockkeeper/peer-store'
import { corpus } from '../../limits-peer-store.ts'
import { endWithParent, orderOf, sayLast } from '../../processes/in-side-process.ts'
import { type CorpusIndex, corpusFiles, type Entry } from '../../subjects/corpus.ts'
import { RecordMaker } from '../../subjects/records.ts'
import { fractions, xorshift } from '../../subjects/xorshift.ts'
import type { CorpusOrder } from './make-corpus.ts'

endWithParent()
const { folder, blobs } = orderOf() as CorpusOrder
const random = fractions(corpus.seed)
const noise = makeNoise()
const records = new RecordMaker(random, Math.round(blobs * corpus.recordShare))
const file = openSync(corpusFiles.bytesFile(folder), 'w')
writeSync(file, noise)
let end = noise.byteLength
const entries = Array.from({ length: blobs }, (): Entry => {
  if (random() >= corpus.recordShare) return media()
  const { cid, bytes } = records.next()
  const from = end
  writeSync(file, bytes)
  end += bytes.byteLength
  return [cid, from, bytes.byteLength]
})
const index: CorpusIndex = { entries, documents: records.documents }
writeFileSync(corpusFiles.indexFile(folder), JSON.stringify(index))
sayLast('made')

/** A piece of the noise: as little to be compressed as pictures and films are. */
function media(): Entry {
  const { mediaBytesMin, mediaBytesMax } = corpus
  const length = mediaBytesMin + Math.floor(random() * (mediaBytesMax - mediaBytesMin + 1))
  const from = Math.floor(random() * (noise.byteLength - length))
  return [cidOf(noise.subarray(from, from + length), codecs.raw), from, length]
}

function makeNoise(): Uint8Array {
  const next = xorshift(corpus.seed)
  return new Uint8Array(Int32Array.from({ length: corpus.noiseBytes / 4 }, next).buffer)
}
