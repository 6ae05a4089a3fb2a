import {
  type Coalescer,
  type CoalescerHost,
  coalescer,
  type PendingKey,
  type ProcedureReference,
} from '@lockkeeper/core'
import { peerLimits } from '../limits.ts'
import { drainingFirst } from '../store/draining-first.ts'
import { watchedFlush } from '../store/watched-flush.ts'
import { CheckQueue } from './check-queue.ts'
import { isPeerId } from './peer-id.ts'
import { PeerMemory } from './peer-memory.ts'
import { mergeNotes, type PeerNote } from './peer-note.ts'
import {
  copyOf,
  isLikeId,
  isTime,
  noteOfHearsay,
  noteOfRefusals,
  noteOfSighting,
  wrongWithHearsay,
  wrongWithSighting,
} from './peer-report.ts'
import type { PeerHearsay, PeerRefusal, PeerSighting, PeerWriterCounts } from './types.ts'
import { usefulAddresses } from './useful-addresses.ts'

export interface PeerWriterInput {
  /** Where its coalescer lives: the database, or an actor system of one's own with the database's `beforeClose`. */
  readonly host: CoalescerHost
  /** Writes notes: `db.procedure.peers.upsertMany`. */
  readonly flush: ProcedureReference<PeerNote[], number>
  /** The actor's system id. Default `peer-writer`. */
  readonly systemId?: string | undefined
  /** The clock that reports are timed by, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** In `background` it would stand behind the index's steps, and that lane gets a slice every 500 ms while blobs come. */
const lane = 'sync'

/** A row of a list, of which nobody knows yet whether it is news. */
interface Heard extends PeerHearsay {
  readonly at: number
}

/**
 * Takes what becomes known of peers and has it written, the newest of each, in the `sync` lane. Best effort: every
 * report is synchronous and returns at once; what there is no room for is dropped and counted.
 *
 * A report passes three doors: the memory lets go of what changes nothing, the check (between other work of the thread)
 * refuses what is wrong, the coalescer merges what is left by peer and flushes it. What was seen here and what others tell wait
 * for their check in queues of their own: a stranger's lists keep nobody's own news waiting, nor take its place.
 */
export class PeerWriter {
  readonly #memory: PeerMemory
  readonly #seen: CheckQueue<PeerNote>
  readonly #heard: CheckQueue<Heard>
  readonly #notes: Coalescer<PeerNote>
  readonly #host: Pick<CoalescerHost, 'countDropped' | 'countCoalesced'>
  readonly #label: string
  #isClosing = false
  #abandoned = 0
  #reported = 0
  #unchanged = 0
  /** Of those, told to the host: with each flush, and at the end. */
  #unchangedTold = 0
  #rowsWritten = 0
  #dropped = { full: 0, closed: 0 }
  #refused: Record<PeerRefusal, number> = {
    'bad-peer-id': 0,
    'bad-report': 0,
    'too-many-rows': 0,
    'bad-address': 0,
    'long-address': 0,
    'too-many-addresses': 0,
  }

  constructor({ host, flush, systemId = 'peer-writer', now }: PeerWriterInput) {
    const { itemsMax, bytesMax, ageMsMax, itemsHeldMax } = peerLimits
    this.#memory = new PeerMemory(now)
    this.#host = host
    this.#label = flush.name
    this.#seen = new CheckQueue({ check: (note) => this.#offer(note) })
    this.#heard = new CheckQueue({ check: (row) => this.#checkHearsay(row) })
    this.#notes = coalescer<PeerNote>(
      drainingFirst(host, {
        drain: (deadlineMs) => this.#drain(deadlineMs),
        abandoned: () => this.#abandoned,
      }),
      {
        name: systemId,
        key: ({ id }) => id,
        merge: mergeNotes,
        flush: watchedFlush(flush, {
          onStored: (_, rowsWritten) => {
            this.#rowsWritten += rowsWritten
            this.#tellUnchanged()
          },
          onLost: (notes) => {
            for (const { id } of notes) this.#memory.forget(id)
          },
        }),
        lane,
        overflow: 'drop',
        itemsMax,
        bytesMax,
        ageMsMax,
        itemsHeldMax,
      },
    )
  }

  /** Notes that a peer was met, has gone, or could not be reached. Never waits, never throws. */
  sawPeer(sighting: PeerSighting): void {
    this.#reported++
    const wrong = wrongWithSighting(sighting)
    if (wrong !== undefined) this.#refuse(wrong)
    else if (this.#isClosing) this.#drop('closed')
    else this.#noteSighting(sighting)
  }

  /** Notes a list of peers as another peer told it. It never replaces what was seen of them here. Never waits. */
  heardOfPeers(rows: readonly PeerHearsay[], heardAt: number): void {
    if (!Array.isArray(rows) || !isTime(heardAt)) {
      this.#reported++
      this.#refuse('bad-report')
      return
    }
    const taken = rows.slice(0, peerLimits.listRowsMax)
    this.#reported += rows.length
    this.#refuse('too-many-rows', rows.length - taken.length)
    if (this.#isClosing) this.#drop('closed', taken.length)
    else for (const row of taken) this.#noteHearsay(row, heardAt)
  }

  /** Notes blobs from a peer that were refused. Never waits. */
  refusedBlobs(id: string, count: number): void {
    this.#reported++
    if (!isLikeId(id)) this.#refuse('bad-peer-id')
    else if (!isTime(count)) this.#refuse('bad-report')
    else if (this.#isClosing) this.#drop('closed')
    else this.#take(noteOfRefusals(id, count))
  }

  /** What is not stored yet of a peer, for a read's `after`. */
  pending(id: string): PendingKey {
    return {
      whenSettled: (callback) => {
        this.#seen.hurry(id)
        this.#heard.hurry(id)
        this.#notes.pending(id).whenSettled(callback)
      },
    }
  }

  /** Writes what was reported until now. @throws LockkeeperError if any of it was given up. */
  async flush(): Promise<void> {
    await Promise.all([this.#seen.emptied(), this.#heard.emptied()])
    await this.#notes.flush()
  }

  /** Takes no more, writes what was reported, and stops; gives up what is left after the deadline. Safe to call twice. */
  async close(options?: { readonly deadlineMs?: number | undefined }): Promise<void> {
    await this.#notes.close({
      deadlineMs: await this.#drain(options?.deadlineMs ?? peerLimits.drainMsDefault),
    })
  }

  get counts(): PeerWriterCounts {
    const { dropped, held, inFlight, merged, flushed } = this.#notes.counts
    return {
      reported: this.#reported,
      unchanged: this.#unchanged,
      waiting: this.#seen.waiting + this.#heard.waiting,
      held: held + inFlight,
      merged,
      stored: flushed,
      refused: { ...this.#refused },
      rowsWritten: this.#rowsWritten,
      dropped: {
        full: this.#dropped.full + dropped.full,
        failed: dropped.failed,
        closed: this.#dropped.closed + dropped.closed,
      },
    }
  }

  /** For inspectors, which serialise what machines hold: depths, no values. */
  toJSON(): unknown {
    return { remembered: this.#memory.size, ...this.counts }
  }

  #noteSighting(sighting: PeerSighting): void {
    const news = this.#memory.newsOfSighting(sighting)
    if (news === undefined) this.#unchanged++
    else this.#take(noteOfSighting(sighting, news))
  }

  #noteHearsay(row: PeerHearsay, at: number): void {
    const wrong = wrongWithHearsay(row)
    if (wrong !== undefined) this.#refuse(wrong)
    else if (!this.#heard.add({ ...copyOf(row), at })) this.#drop('full')
  }

  #take(note: PeerNote): void {
    if (this.#seen.add(note)) return
    this.#memory.forget(note.id)
    this.#drop('full')
  }

  #checkHearsay(row: Heard): void {
    if (this.#notes.counts.held >= peerLimits.heardHeldMax) this.#drop('full')
    else if (this.#memory.isNewsOfHearsay(row, row.at)) this.#offer(noteOfHearsay(row, row.at))
    else this.#unchanged++
  }

  #offer(note: PeerNote): void {
    const { id } = note
    if (!isPeerId(id)) {
      this.#refuse('bad-peer-id')
      this.#memory.drop(id)
      return
    }
    const checked = { ...note, own: this.#useful(id, note.own), heard: this.#useful(id, note.heard) }
    if (this.#saysNothing(checked)) this.#unchanged++
    else if (!this.#notes.offer(checked)) this.#memory.forget(id)
  }

  /** A row of a list that had no good address. */
  #saysNothing({ sighting, own, heard, refusedBlobs }: PeerNote): boolean {
    return sighting === undefined && own === undefined && heard === undefined && refusedBlobs === 0
  }

  #useful(id: string, told: PeerNote['own']): PeerNote['own'] {
    if (told === undefined) return undefined
    const list = usefulAddresses(id, told.list, (reason, count) => this.#refuse(reason, count))
    return list.length === 0 ? undefined : { list, at: told.at }
  }

  #refuse(reason: PeerRefusal, count = 1): void {
    this.#refused[reason] += count
  }

  #drop(cause: 'full' | 'closed', count = 1): void {
    if (count === 0) return
    this.#dropped[cause] += count
    this.#host.countDropped?.(this.#label, cause === 'full' ? 'queue-full' : 'closed', count, lane)
  }

  /** What the memory lets go of is what its coalescer would have found to change nothing. */
  #tellUnchanged(): void {
    const count = this.#unchanged - this.#unchangedTold
    if (count === 0) return
    this.#unchangedTold = this.#unchanged
    this.#host.countCoalesced?.(this.#label, count, lane)
  }

  /** Checks what waits before the coalescer, which takes no more then, is drained. */
  async #drain(deadlineMs: number): Promise<number> {
    this.#isClosing = true
    const seen = await this.#seen.finish(deadlineMs)
    const heard = await this.#heard.finish(seen.leftMs)
    const abandoned = seen.abandoned + heard.abandoned
    this.#abandoned += abandoned
    this.#drop('closed', abandoned)
    this.#tellUnchanged()
    return heard.leftMs
  }
}
