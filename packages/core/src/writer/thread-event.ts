import type { LockkeeperError } from '../errors/lockkeeper-error.ts'

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
