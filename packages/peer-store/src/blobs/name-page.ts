import type { Name } from '../records/multihash.ts'

/** Names as they travel: all multihashes in one piece. */
export interface NamePage {
  readonly multihashes: Uint8Array
  readonly codecs: Uint8Array
  /** Where the next page goes on; undefined after the last name. */
  readonly last: number | undefined
}

const multihashBytes = 34

export function* sliceNames({ multihashes, codecs }: NamePage): Generator<Name> {
  for (let index = 0; index < codecs.length; index++) {
    const start = index * multihashBytes
    yield { codec: codecs[index] as number, multihash: multihashes.subarray(start, start + multihashBytes) }
  }
}
