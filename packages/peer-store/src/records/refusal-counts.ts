import type { Blob, BlobRefusal, VerifiedBlob } from '../types.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { verifyBlob } from './verify-blob.ts'

/** Checks blobs, and counts those that were refused by reason. */
export class RefusalCounts {
  readonly #counts: Record<BlobRefusal, number> = {
    'too-large': 0,
    'bad-cid': 0,
    'hash-mismatch': 0,
    malformed: 0,
    'bad-signature': 0,
  }

  get counts(): Readonly<Record<BlobRefusal, number>> {
    return { ...this.#counts }
  }

  /** @throws BlobRefusedError */
  verify(blob: Blob): VerifiedBlob {
    try {
      return verifyBlob(blob)
    } catch (error) {
      if (error instanceof BlobRefusedError) this.#counts[error.reason] += 1
      throw error
    }
  }
}
