import { generateKeyPairSync, sign } from 'node:crypto'
import {
  encodeComment,
  encodeDocument,
  openPeerStore,
  recentCursor,
  type Signer,
} from '@lockkeeper/peer-store'

const me = signer()
await using store = await openPeerStore({ file: 'peer.db', ownKey: me.publicKey })

// A person publishes: stored, indexed and found when it answers, before any sync or background work.
const start = encodeDocument(
  { title: 'Start', path: 'guides/start.md', text: 'Where to begin', links: ['next.md'], time: 1 },
  me,
)
await store.publish([start])
console.log((await store.search('begin', { limit: 10 }))[0]?.path) // guides/start.md

// A peer sends: verified here, stored in batches, indexed soon after.
const them = signer()
const answer = encodeComment({ on: start.cid, text: 'Well said', time: 2 }, them)
const received = [answer].map(({ cid, bytes }) => store.verify({ cid, bytes }))
await store.putBlobs(received) // committed
await store.indexed() // and to be found
console.log((await store.unread({ limit: 10 })).map(({ title }) => title)) // [ 'Start' ]

// What peers offer again is recognised in this thread.
await store.putBlobs(received)
console.log(await store.missing([start.cid, answer.cid]), store.indexCounts.known) // [] 1

// Lists are bounded, and go on after their last item.
const page = await store.recentDocuments({ limit: 1 })
const next = page.flatMap((last) => recentCursor(last))
console.log(page.length, (await store.recentDocuments({ limit: 1, after: next[0] })).length) // 1 0
const document = await store.openDocument({ path: 'guides/start.md' })
console.log(document?.text, document?.backlinks.length) // Where to begin 0
const author = document?.author ?? ''
const comments = await store.comments({ path: 'guides/start.md', author, limit: 10 })
console.log(comments.map(({ text }) => text)) // [ 'Well said' ]
console.log((await store.feed({ limit: 30 })).map(({ kind }) => kind)) // [ 'comment', 'document' ]

// Everything derived can be derived anew, while people write and read.
const job = store.reindex()
job.on('progress', ({ done, total }) => void [done, total])
console.log(await job) // 2

function signer(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  }
}
