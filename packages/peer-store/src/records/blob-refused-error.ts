import type { BlobRefusal } from '../types.ts'

/** A blob that fails a check. Match by `reason`; the message is for people. */
export class BlobRefusedError extends Error {
  override readonly name = 'BlobRefusedError'
  readonly reason: BlobRefusal

  constructor(reason: BlobRefusal, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }
}
