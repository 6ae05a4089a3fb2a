// An app that stores blobs in bulk while people save notes and peers connect. Run: node long-holder.ts [mended]
import { setTimeout as pause } from 'node:timers/promises'
import { coalescer, openDatabase, procedures } from '@lockkeeper/core'
import { type Connect, upsert } from './connect-procedures.ts'
import { isMended, tell } from './tell.ts'

await using db = await openDatabase({
  file: `long-holder-${isMended ? 'mended' : 'trouble'}.db`,
  migrations: [
    {
      set: 'app',
      id: 1,
      name: 'tables',
      sql: `create table blobs (id integer primary key, hash text not null unique, data blob not null);
            create table words (word text, blob integer, primary key (word, blob)) without rowid;
            create trigger blobs_words after insert on blobs begin
              insert into words
              select column1 || substr(new.hash, column1, 1), new.id
              from (values (2), (3), (4), (5), (6), (7), (8), (9));
            end;
            create table peers (peer text primary key, at integer not null);
            create table notes (id integer primary key, body text not null);`,
    },
  ],
  procedures: {
    peers: procedures<typeof import('./connect-procedures.ts')>(
      new URL('./connect-procedures.ts', import.meta.url),
    ),
  },
})

// Storing blobs, which a trigger indexes: all that a peer has sent, in one call; or, mended, in pieces and in a lane of their own.
const sent = 4_000
const data = Buffer.alloc(200, 'blob')
const storeBlobs = async (first: number): Promise<void> => {
  const rows = Array.from({ length: sent }, (_, n) => [hashOf(first + n), data])
  const insert = 'insert into blobs (hash, data) values (?, ?)'
  const piece = isMended ? 25 : sent
  for (let at = 0; at < sent; at += piece)
    await db.writeMany(insert, rows.slice(at, at + piece), {
      label: 'blobs.putMany',
      lane: isMended ? 'sync' : 'user',
    })
}

// Reporting a connect: a write of its own, awaited; or, mended, newest by peer and ten times a second.
const seen = coalescer<Connect>(db, {
  name: 'peers.connect',
  key: ({ peer }) => peer,
  flush: db.procedure.peers.connected,
  itemsMax: 500,
  ageMsMax: 100,
  itemsHeldMax: 10_000,
  overflow: 'drop',
})
const connect = async (caller: number, n: number): Promise<void> => {
  const peer = `peer ${caller * 10 + (n % 10)}`
  if (isMended) seen.offer({ peer, at: n })
  else await db.write(upsert, [peer, n], { label: 'peers.connect' })
}
const saveNote = (n: number): PromiseLike<unknown> =>
  db.write('insert into notes (body) values (?)', [`note ${n}`], { label: 'notes.save' })

// Two hundred peers come and go and five people type, until enough blobs have come.
let goesOn = true
const everyMs = async (ms: number, turn: (n: number) => PromiseLike<unknown>): Promise<void> => {
  for (let n = 0; goesOn; n++) {
    await turn(n)
    await pause(ms)
  }
}
const peers = Array.from({ length: 200 }, (_, caller) => everyMs(50, (n) => connect(caller, n)))
const typing = Array.from({ length: 5 }, () => everyMs(20, saveNote))
for (let n = 0; n < 10; n++) await storeBlobs(n * sent)
goesOn = false
await Promise.all([...peers, ...typing])
tell(db, 'long-holder')

/** Spread as hashes are, so that each row dirties a page of the index somewhere. */
function hashOf(n: number): string {
  return Math.imul(n, 2_654_435_761).toString(16).padStart(9, '0')
}
