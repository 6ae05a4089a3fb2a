import type { Ticket } from '../mailbox/ticket.ts'
import type { ProcedureModules } from '../procedures/reference.ts'
import type { Settling } from '../readers/pending-read.ts'
import type { ReadClass } from '../readers/read-class.ts'
import type { Database, ReadCalls } from './types.ts'

/** What a read may say. `docs/promises.md`, “Deadlines and signals”, tells what its deadline and its signal do when. */
export interface ReadOptions {
  /** The caller's name for this work (`notes.search`); errors carry it. A procedure's own name unless one is given. */
  readonly label?: string | undefined
  /**
   * How long the read may take, from the call to its answer, in milliseconds. Then it fails with `deadline-exceeded`,
   * whether it waited for a reader or ran. Default: no limit.
   *
   * @example
   * await db.read('select * from notes where body like ?', ['%lock%'], { deadlineMs: 200 })
   */
  readonly deadlineMs?: number | undefined
  /**
   * Ends the read: it fails at once with `aborted`, the signal's reason as its cause. One that has aborted already keeps the
   * read from being run. A procedure ends at its next statement. The statement that runs is interrupted where the signals
   * extension is loaded; elsewhere its reader stays busy until it ends.
   *
   * @example
   * await db.readColumn('select id from notes', [], { signal: request.signal })
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Which readers serve it: those kept for people, or those for work that nobody waits for. Default `interactive`. A read of
   * one class never waits for reads of the other.
   */
  readonly class?: ReadClass | undefined
  /**
   * What it wants to see: a write's ticket, or what a coalescer holds back for a key. The read gets no reader before that has
   * its outcome, be it a failure.
   *
   * @example
   * const ticket = db.write('insert into notes values (?, ?)', ['n1', 'hi'])
   * await db.readFirst('select * from notes where id = ?', ['n1'], { after: ticket })
   */
  readonly after?: Ticket<unknown> | Settling | undefined
}

/** What a snapshot may say. Its deadline is the whole scope's. */
export interface SnapshotOptions extends ReadOptions {
  /**
   * How old it may get, in milliseconds, from when it has its reader; then it ends with `snapshot-expired`. What it pins keeps
   * the log from being emptied. Default 10,000.
   */
  readonly ageMsMax?: number | undefined
}

/** What a stream may say. Its deadline is the whole stream's. */
export interface StreamOptions extends ReadOptions {
  /** How long nobody may ask for its next row, in milliseconds, before its reader is taken back. Default 10,000. */
  readonly idleMsMax?: number | undefined
}

/** The reads of one state. It dies with the scope that it was made for. */
export interface Snapshot<Modules extends ProcedureModules = Record<never, never>>
  extends Pick<Database, 'read' | 'readFirst' | 'readValue' | 'readColumn' | 'readArrays'> {
  /** The app's procedures that only read. */
  readonly call: ReadCalls<Modules>
}
