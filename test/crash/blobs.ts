import { createHash, createPrivateKey, sign } from 'node:crypto'
import {
  cidOf,
  codecs,
  encodeComment,
  encodeDocument,
  type Signer,
  type VerifiedBlob,
  verifyBlob,
} from '@lockkeeper/peer-store'

/** The same key in every process: whoever looks afterwards makes the same blobs again. */
function signer(): Signer {
  const seed = createHash('sha256').update('crash').digest()
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x = '' } = key.export({ format: 'jwk' })
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  }
}

/** Three hundred blobs of one run: documents, comments that mostly come before what they are on, and media. */
export function blobsOfRun(run: number): VerifiedBlob[] {
  const author = signer()
  const documents = Array.from({ length: 100 }, (_, index) =>
    encodeDocument(
      {
        title: `${index}`,
        path: `${run}/${index}.md`,
        text: `run${run} word${index}`,
        links: ['0.md'],
        time: run,
      },
      author,
    ),
  )
  const comments = documents.map(({ cid }, index) =>
    encodeComment({ on: cid, text: `said ${index}`, time: run }, author),
  )
  const media = documents.map((_, index) => {
    const bytes = new Uint8Array(2_000).fill(index)
    bytes[0] = run
    return verifyBlob({ cid: cidOf(bytes, codecs.raw), bytes })
  })
  return documents.flatMap((document, index) =>
    [comments[99 - index], document, media[index]].filter((blob) => blob !== undefined),
  )
}
