import type { BulkSink } from '../mailbox/admission.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { Thread } from '../threads/start.ts'
import type { BulkChunk } from './bulk.ts'
import { rowsLost } from './outcomes.ts'

/** The app thread's side of bulk writes: sends their rows ahead, and knows which thread holds whose. */
export class BulkDesk implements BulkSink {
  readonly #holders = new Map<number, Thread<'writer'>>()
  #thread: Thread<'writer'> | undefined

  connect(thread: Thread<'writer'> | undefined): void {
    this.#thread = thread
  }

  post(id: number, chunk: BulkChunk, transfer: ArrayBuffer[]): void {
    const thread = this.#holders.get(id) ?? this.#thread
    if (thread === undefined || thread !== this.#thread) throw rowsLost()
    this.#holders.set(id, thread)
    thread.post({ type: 'rows', bulk: id, chunk }, transfer)
  }

  assertWhole(id: number): void {
    if (this.#isLost(id)) throw rowsLost()
  }

  forget(id: number): void {
    if (this.#holders.delete(id)) this.#thread?.post({ type: 'forget', bulk: id })
  }

  /** Whether a write's rows were sent to a thread that is no longer there. */
  hasLostRows({ work }: PendingWrite): boolean {
    return work.kind === 'bulk' && this.#isLost(work.id)
  }

  #isLost(id: number): boolean {
    const holder = this.#holders.get(id)
    return holder !== undefined && holder !== this.#thread
  }
}
