import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ThreadFailed, ThreadLost } from '../threads/thread-actor.ts'
import type { WriteEvent } from './write-event.ts'

/** What the desk tells the machine: coarse events, one or two a batch. */
export type WriterThreadEvent =
  | { readonly type: 'work' }
  | {
      readonly type: 'thread.migrating'
      readonly name: string
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'thread.ready'; readonly sqlite: string }
  | { readonly type: 'thread.refused'; readonly error: LockkeeperError }
  | { readonly type: 'batch.done'; readonly answered: number; readonly failed: number }
  | { readonly type: 'batch.contended' }
  /** The first batch after a wait for another process's lock has run. */
  | { readonly type: 'lock.had' }
  /** Nothing can be committed any more: the thread leaves. */
  | { readonly type: 'batch.halted'; readonly error: LockkeeperError }

/** Everything the machine hears. */
export type WriterEvent =
  | WriterThreadEvent
  | ThreadLost
  | ThreadFailed
  | WriteEvent
  | { readonly type: 'close'; readonly deadlineMs: number }
