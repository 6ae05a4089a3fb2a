import {
  type Coalescer,
  type CoalescerHost,
  coalescer,
  type PendingKey,
  type ProcedureReference,
} from '@lockkeeper/core'
import { domainLimits } from '../limits.ts'
import { RecentMap } from '../store/recent-map.ts'
import { watchedFlush } from '../store/watched-flush.ts'
import {
  changesDomain,
  type DomainNote,
  mergeDomainNotes,
  noteOfCheck,
  wrongWithCheck,
} from './domain-note.ts'
import type { DomainCheck, DomainRefusal, DomainWriterCounts } from './types.ts'

export interface DomainWriterInput {
  /** Where its coalescer lives: the database, or an actor system of one's own with the database's `beforeClose`. */
  readonly host: CoalescerHost
  /** Writes notes: `db.procedure.domains.upsertMany`. */
  readonly flush: ProcedureReference<DomainNote[], number>
  /** The actor's system id. Default `domains`. */
  readonly systemId?: string | undefined
}

/**
 * Takes the results of domain checks, which come in storms, and has them written, the newest of each domain, in the
 * `background` lane. Best effort: a report is synchronous and returns at once; what there is no room for is dropped and counted.
 */
export class DomainWriter {
  readonly #notes: Coalescer<DomainNote>
  /** The time of each domain's newest check. */
  readonly #newest = new RecentMap<{ at: number }>(domainLimits.rememberedMax)
  #reported = 0
  #rowsWritten = 0
  #refused: Record<DomainRefusal, number> = { 'bad-name': 0, 'bad-check': 0, 'bad-config': 0 }

  constructor({ host, flush, systemId = 'domains' }: DomainWriterInput) {
    const { itemsMax, ageMsMax, itemsHeldMax, rememberedMax } = domainLimits
    this.#notes = coalescer<DomainNote>(host, {
      name: systemId,
      key: ({ name }) => name,
      merge: mergeDomainNotes,
      changes: changesDomain,
      rememberedItemsMax: rememberedMax,
      flush: watchedFlush(flush, {
        onStored: (_, rowsWritten) => {
          this.#rowsWritten += rowsWritten
        },
      }),
      lane: 'background',
      overflow: 'drop',
      itemsMax,
      ageMsMax,
      itemsHeldMax,
    })
  }

  /** Notes how a check went. Never waits, never throws. */
  checked(check: DomainCheck): void {
    this.#reported++
    const wrong = wrongWithCheck(check)
    if (wrong !== undefined) this.#refused[wrong]++
    else this.#notes.offer(noteOfCheck(check, this.#isNewest(check)))
  }

  /** What is not stored yet of a domain, for a read's `after`. */
  pending(name: string): PendingKey {
    return this.#notes.pending(name)
  }

  /** Writes what was reported until now. @throws LockkeeperError if any of it was given up. */
  async flush(): Promise<void> {
    await this.#notes.flush()
  }

  /** Takes no more, writes what was reported, and stops. Safe to call twice. */
  async close(options?: { readonly deadlineMs?: number | undefined }): Promise<void> {
    await this.#notes.close(options)
  }

  get counts(): DomainWriterCounts {
    const { filtered, dropped, held, inFlight, merged, flushed } = this.#notes.counts
    return {
      reported: this.#reported,
      unchanged: filtered,
      held: held + inFlight,
      merged,
      stored: flushed,
      refused: { ...this.#refused },
      rowsWritten: this.#rowsWritten,
      dropped,
    }
  }

  #isNewest({ name, checkedAt }: DomainCheck): boolean {
    const newest = this.#newest.getOrMake(name, () => ({ at: checkedAt }))
    if (checkedAt < newest.at) return false
    newest.at = checkedAt
    return true
  }

  /** For inspectors, which serialise what machines hold: depths, no values. */
  toJSON(): unknown {
    return this.counts
  }
}
