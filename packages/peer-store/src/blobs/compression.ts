import { promisify } from 'node:util'
import { brotliCompress, brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { compressionLimits } from '../limits.ts'

/** How a blob's bytes lie in the file. */
export const encodings = { plain: 0, brotli: 1 } as const

export interface EncodedData {
  readonly encoding: number
  readonly data: Uint8Array
}

const params = { [constants.BROTLI_PARAM_QUALITY]: 0 }
const compressInPool = promisify(brotliCompress)

/**
 * A record's bytes as they are stored: compressed where that pays. Small ones here and now, which takes some 20 µs; larger ones
 * in Node's thread pool, so that neither this thread nor whoever waits for the write lock waits for it.
 */
export function compressed(bytes: Uint8Array): EncodedData | Promise<EncodedData> {
  if (bytes.byteLength < compressionLimits.bytesMin) return plain(bytes)
  if (bytes.byteLength <= compressionLimits.bytesAtOnceMax) {
    return smaller(bytes, brotliCompressSync(bytes, { params }))
  }
  return compressInPool(bytes, { params }).then((data) => smaller(bytes, data))
}

export function plain(data: Uint8Array): EncodedData {
  return { encoding: encodings.plain, data }
}

/** What was stored, as it came. */
export function decompressed({ encoding, data }: EncodedData): Uint8Array {
  if (encoding === encodings.plain) return data
  return brotliDecompressSync(data, { maxOutputLength: compressionLimits.bytesMax })
}

function smaller(bytes: Uint8Array, data: Uint8Array): EncodedData {
  if (data.byteLength > bytes.byteLength * compressionLimits.ratioMax) return plain(bytes)
  return { encoding: encodings.brotli, data }
}
